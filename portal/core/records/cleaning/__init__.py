"""Making a stranger's file harmless without losing what a doctor needs to see."""
