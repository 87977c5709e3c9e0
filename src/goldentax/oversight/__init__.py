"""Risk audit (风险审计): behaviour at the door, the compliance of those who hold power, the search over the trail."""
