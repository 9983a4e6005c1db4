"""How config.yaml is read and judged: source, schema, messages and cross checks.

`controller.config_file` is the entrance; nothing outside needs the modules in here.
"""
