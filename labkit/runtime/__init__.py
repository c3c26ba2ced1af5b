"""One function and its execution environments: real processes, AWS's own runtime client, no knowledge of moto."""
