"""Named questions: functions over a session that return values, with the organization in every one."""
