"""How an answer in plain English is read: words, quantities, clauses with their negations, patterns."""
