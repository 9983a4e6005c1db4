"""The village's accounts: what each household used, owes and has paid. They account, and switch nothing."""
