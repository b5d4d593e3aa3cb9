"""What happens to a form between the press and the service: sent twice, too late, or by somebody who is out."""
