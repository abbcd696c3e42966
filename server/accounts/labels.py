"""What people read for the roles: English messages, translated where they are shown."""

from server.accounts.roles import Role

ROLES: dict[Role, str] = {
    Role.KIOSK: "Kiosk",
    Role.AGENT: "Agent",
    Role.OFFICIAL: "Official",
    Role.CLERK: "Clerk",
    Role.HANDLER: "Handler",
    Role.ADMINISTRATOR: "Administrator",
    Role.AUDITOR: "Auditor",
    Role.GUEST: "Guest",
    Role.PUBLIC: "Nobody signed in",
}
