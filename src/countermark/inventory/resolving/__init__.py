"""From what files say to which model answers: names, variables and settings followed through the tree."""
