"""Interactive views, each with a form that stays readable when no kernel is running."""
