"""The accelerator in front of Flask: polls answered from memory. The clinic works without it."""
