"""The bank in the formats of other programs: GIFT and Moodle XML, Anki, and questions that come from GIFT."""
