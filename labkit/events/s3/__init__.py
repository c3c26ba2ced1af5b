"""S3 event notifications: what a bucket tells of its objects, whom, and in which words."""
