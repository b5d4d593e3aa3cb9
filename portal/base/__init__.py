"""Foundation: values, time, languages, key ring and signatures. Knows no tables and no pages."""
