*** Settings ***
Documentation     An owner can connect a Google calendar, or is told why that is not possible.
...
...               The receptionist books appointments into that calendar. Where connecting fails, the dashboard must
...               show what is wrong: never just “Failed to fetch”, and never a stack trace. A backend without a Google
...               configuration is healthy.
Metadata          Exit 1    Login is broken, or requests without a valid token are accepted
Metadata          Exit 2    The calendar connection status cannot be read
Metadata          Exit 3    OAuth start or callback is broken, or reports no error
Metadata          Exit 4    The calendar connection status is wrong or inconsistent, or credentials are shown
Metadata          Exit 5    Invalid requests are not rejected as agreed, or errors are not structured

Resource          ../resources/calendar.resource

Suite Setup       Log In As Owner
Suite Teardown    Restore Account
Test Setup        Skip Blocked Or Disallowed Test
Test Timeout      2 minutes

Test Tags         calendar


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

Calendar Connection Status Can Be Read
    [Tags]    exit:2    smoke
    ${settings} =    Get Settings    cached=yes
    Calendar Connection Status Should Be Present    ${settings}

# Phase 3: OAuth start and callback

OAuth Start Redirects To Google Or Explains Why Not
    [Tags]    exit:3    prerequisite    smoke
    ${response} =    Start OAuth    cached=yes
    OAuth Start Should Redirect To Google Or Explain Why Not    ${response}

Authorization URL Contains Client ID
    [Tags]    exit:3
    ${url} =    Get Authorization URL
    Authorization URL Should Contain Client ID    ${url}

Authorization URL Requests Authorization Code
    [Tags]    exit:3
    ${url} =    Get Authorization URL
    Authorization URL Should Request Authorization Code    ${url}

Authorization URL Requests Calendar Scope
    [Tags]    exit:3
    ${url} =    Get Authorization URL
    Authorization URL Should Request Calendar Scope    ${url}

Authorization URL Contains Redirect URI
    [Tags]    exit:3
    ${url} =    Get Authorization URL
    Authorization URL Should Contain Redirect URI    ${url}

Authorization URL Contains State
    [Tags]    exit:3
    ${url} =    Get Authorization URL
    Authorization URL Should Contain State    ${url}

OAuth Callback With Denied Consent Reports Error
    [Tags]    exit:3
    [Template]    OAuth Callback Should Report Error
    ${DENIED_CONSENT}
    ${DENIED_CONSENT_AND_INVALID_STATE}

OAuth Callback Without Valid Code Reports Error
    [Tags]    exit:3
    [Template]    OAuth Callback Should Report Error
    ${MISSING_CODE}
    ${INVALID_CODE}
    ${INVALID_CODE_AND_STATE}

OAuth Callback With Invalid Code And Valid State Reports Error
    [Tags]    exit:3
    ${parameters} =    Create Callback With Invalid Code And Valid State
    OAuth Callback Should Report Error    ${parameters}

# Phase 4: consistency

Calendar Connection Status Is Boolean
    [Tags]    exit:4    smoke
    ${settings} =    Get Settings    cached=yes
    Calendar Connection Status Should Be Boolean    ${settings}

Connected Calendar Requires OAuth Configuration
    [Tags]    exit:4
    ${settings} =    Get Settings    cached=yes
    ${response} =    Start OAuth    cached=yes
    Connected Calendar Should Have OAuth Configuration    ${settings}    ${response}

Failed OAuth Callback Keeps Calendar Connection Status
    [Tags]    exit:4
    ${before} =    Get Settings    cached=yes
    Call OAuth Callback    ${INVALID_CODE_AND_STATE}
    ${after} =    Get Settings
    Calendar Connection Status Should Be Unchanged    ${before}    ${after}

# Phase 5: rejected requests

OAuth Start Without Business ID Is Rejected
    [Tags]    exit:5
    [Template]    OAuth Start Should Be Rejected
    ${MISSING_BUSINESS_ID}
    ${EMPTY_BUSINESS_ID}

Rejected OAuth Callback Returns Structured Error
    [Tags]    exit:5
    [Template]    Rejected OAuth Callback Should Return Structured Error
    ${DENIED_CONSENT}
    ${DENIED_CONSENT_AND_INVALID_STATE}
    ${MISSING_CODE}
    ${INVALID_CODE}
    ${INVALID_CODE_AND_STATE}

Rejected OAuth Callback With Valid State Returns Structured Error
    [Tags]    exit:5
    ${parameters} =    Create Callback With Invalid Code And Valid State
    Rejected OAuth Callback Should Return Structured Error    ${parameters}

# At the end: all responses

No Response Shows Credential
    [Tags]    exit:4    security    smoke
    Responses Should Show No Credential
