"""Access (访问控制): offices, posts, functions, grants, and the one question whether somebody may."""
