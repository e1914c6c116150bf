*** Settings ***
Documentation     Nothing private is shown, and no owner reaches the business of another one.
...
...               Settings hold the data of a business and of its callers. A response that shows a password hash or an
...               API key, or an owner who can read or change another business, is a data breach. All changes are undone
...               at the end.
Metadata          Exit 1    Login is broken, returns the token of somebody else, or reveals who has an account
Metadata          Exit 2    Settings cannot be read
Metadata          Exit 3    An owner reaches the business of another one
Metadata          Exit 4    Credentials are shown, or responses for one user can be cached for others
Metadata          Exit 5    Pages of other origins are trusted

Resource          ../resources/security.resource

Suite Setup       Log In As Owner
Suite Teardown    Restore Account
Test Setup        Skip Blocked Or Disallowed Test
Test Timeout      2 minutes

Test Tags         security


*** Variables ***
${FOREIGN_ORIGIN}    https://attacker.example


*** Test Cases ***
# Phase 1: identity

Login Returns Token Of Owner
    [Tags]    exit:1    smoke
    Login Should Succeed

Rejected Logins Do Not Reveal Who Has Account
    [Tags]    exit:1    lockout
    Logins Should Not Reveal Who Has Account

# Phase 2: reading

Settings Can Be Read
    [Tags]    exit:2
    ${settings} =    Get Settings    cached=yes
    Business Should Be Identified    ${settings}

# Phase 3: other owners

Authorization State Is Unguessable
    [Tags]    exit:3
    Authorization State Should Be Unguessable

OAuth Start For Other Business Is Rejected
    [Tags]    exit:3
    OAuth Start For Other Business Should Be Rejected

OAuth Callback Rejects State Of Other Owner
    [Tags]    exit:3
    OAuth Callback Should Reject State Of Other Owner

Saved Text Stays In Own Business
    [Tags]    exit:3    write
    Saved Text Should Stay In Own Business

Fields Of Other Owner Cannot Be Changed
    [Tags]    exit:3    write    destructive
    Update With Fields Of Other Owner Should Not Change Them

# Phase 4: caches

Settings Are Not Publicly Cacheable
    [Tags]    exit:4
    ${response} =    Get Business    cached=yes
    Response Should Not Be Publicly Cacheable    ${response}

OAuth Start Is Not Publicly Cacheable
    [Tags]    exit:4
    ${response} =    Start OAuth Or Skip    cached=yes
    Response Should Not Be Publicly Cacheable    ${response}

# Phase 5: other origins

Foreign Origin Is Not Trusted
    [Tags]    exit:5
    [Template]    Foreign Origin Should Not Be Trusted
    ${FOREIGN_ORIGIN}
    null

# At the end: all responses

No Response Shows Credential
    [Tags]    exit:4    smoke
    Responses Should Show No Credential
