"""Commands of the command line that are more than a call: each module has those of one job, and
`cli` names them."""
