"""How right a network is: labelled pictures in their usual forms, and the field's scores."""
