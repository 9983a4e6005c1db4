"""Register maps of the devices that the virtual village is made of, each as its maker documents it."""
