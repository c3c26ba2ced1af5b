"""The question bank: from the YAML files in `quizzes/` to questions."""
