"""Result objects rendered for people and machines. A report never computes."""
