"""The demo without anybody watching: from bookings to a reminder that failed, was retried by staff and went out."""
