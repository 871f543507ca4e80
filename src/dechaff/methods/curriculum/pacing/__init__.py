"""How large a part of the ranked rows is trained on as a training goes on."""
