"""What people read of an evaluation: lines on a terminal, Markdown, one page of HTML."""
