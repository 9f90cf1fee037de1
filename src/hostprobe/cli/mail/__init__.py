"""Mail servers' protocol logs from files and folders, and what is written of them."""
