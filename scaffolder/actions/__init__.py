"""Built-in actions, registered like any plugin's."""
