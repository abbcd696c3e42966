"""What a matter can be about, level 1 of domain.md section 5: codes for machines, messages for people."""

CONTENTS: dict[str, str] = {
    "land": "Land and resources",
    "housing": "Housing and building",
    "labour": "Work and social insurance",
    "farming": "Village and farming",
    "welfare": "Welfare and civil affairs",
    "environment": "Environment",
    "traffic": "Roads and traffic",
    "health": "Health",
    "education": "School, culture and sport",
    "law": "Police, courts and law",
    "discipline": "Discipline of officials",
    "party_government": "Party and government affairs",
    "economy": "Economy",
    "trade": "Trade and tourism",
    "science": "Science and industry",
    "personnel": "Personnel",
    "other": "Something else",
}
