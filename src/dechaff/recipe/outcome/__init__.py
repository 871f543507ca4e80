"""What an audit leaves: findings, decisions, figures and examples in the run folder, and the improved data."""
