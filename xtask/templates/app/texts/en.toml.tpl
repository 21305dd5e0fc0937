not_found = "You have no such item."
already_there = "“{{ title }}” is already in the list."
