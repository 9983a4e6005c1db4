"""What people ask of the controller, through whichever door: asked here, judged and carried out there."""
