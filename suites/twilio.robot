*** Settings ***
Documentation     Calls to the owner's phone number are routed to the receptionist.
...
...               Twilio cannot dial a number that is not in E.164 format, and an enabled receptionist without a number
...               receives no calls. A new account without a number, and with the receptionist disabled, is healthy.
Metadata          Exit 1    Login is broken, or requests without a valid token are accepted
Metadata          Exit 2    Phone settings cannot be read
Metadata          Exit 3    The phone number is not a valid E.164 number
Metadata          Exit 4    The receptionist status is wrong or contradicts the phone number, or credentials are shown
Metadata          Exit 5    Something unexpected happened

Resource          ../resources/twilio.resource

Suite Setup       Log In As Owner
Suite Teardown    Restore Account
Test Setup        Skip Blocked Or Disallowed Test
Test Timeout      2 minutes

Test Tags         twilio


*** Test Cases ***
# Phase 1: authentication
Owner Can Log In
    [Tags]    exit:1    smoke
    Login Should Succeed

Token Is Accepted
    [Tags]    exit:1    smoke
    Token Should Be Accepted

Request Without Valid Token Is Rejected
    [Tags]    exit:1
    [Template]    Request Should Be Unauthorized
    unauthenticated
    invalid signature
    tampered
    unsigned
    malformed

# Phase 2: reading

Phone Settings Can Be Read
    [Tags]    exit:2    smoke
    ${settings} =    Get Settings    cached=yes
    Phone Settings Should Be Present    ${settings}

# Phase 3: the phone number

Phone Number Is Valid E.164
    [Tags]    exit:3    smoke
    ${settings} =    Get Settings    cached=yes
    Phone Number Should Be E.164    ${settings}

Phone Number Is In An Assigned Range
    [Tags]    exit:3
    ${settings} =    Get Settings    cached=yes
    Phone Number Should Be In Assigned Range    ${settings}

# Phase 4: consistency

Receptionist Status Is Boolean
    [Tags]    exit:4    smoke
    ${settings} =    Get Settings    cached=yes
    Receptionist Status Should Be Boolean    ${settings}

Enabled Receptionist Has Phone Number
    [Tags]    exit:4
    ${settings} =    Get Settings    cached=yes
    Enabled Receptionist Should Have Phone Number    ${settings}

# At the end: all responses

No Response Shows Credential
    [Tags]    exit:4    security    smoke
    Responses Should Show No Credential
