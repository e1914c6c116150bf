*** Settings ***
Documentation     An owner can connect a Google calendar, or is told in plain words why not.
...
...               The receptionist books appointments into that calendar. Where connecting fails, the owner must learn
...               what is wrong: never just “Failed to fetch”, and never a page with a stack trace. An integration that
...               is not configured is no fault.
Metadata          Exit 1    Signing in is broken, or strangers are let in
Metadata          Exit 2    The calendar's state cannot be read
Metadata          Exit 3    Connecting a calendar does not work, or does not say why
Metadata          Exit 4    The calendar's state is wrong, or contradicts itself
Metadata          Exit 5    Something unexpected happened

Resource          ../resources/calendar.resource

Suite Setup       Sign In As Owner
Suite Teardown    Leave Account As Found
Test Setup        Run Only What Can Tell Something
Test Timeout      2 minutes

Test Tags         calendar


*** Test Cases ***
Owner Can Sign In
    [Tags]    exit:1    smoke
    Owner Should Be Signed In

Owner Is Recognised After Signing In
    [Tags]    exit:1    smoke
    Owner Should Be Recognised

Calendar State Is Closed To A Visitor Without A Token
    [Tags]    exit:1
    Account Should Be Closed To    visitor

Calendar State Is Closed To A Forged Token
    [Tags]    exit:1
    Account Should Be Closed To    forged token

Calendar State Is Closed To A Changed Token
    [Tags]    exit:1
    Account Should Be Closed To    changed token

Calendar State Is Closed To An Unsigned Token
    [Tags]    exit:1
    Account Should Be Closed To    unsigned token

Calendar State Is Closed To A Made-Up Token
    [Tags]    exit:1
    Account Should Be Closed To    made-up token

Calendar State Can Be Read
    [Tags]    exit:2    smoke
    ${settings} =    Settings As First Read
    Calendar State Should Be Known    ${settings}

Second Read Gives The Same Business
    [Tags]    exit:2
    ${settings} =    Settings As First Read
    ${others} =    Current Settings
    Businesses Should Be The Same    ${settings}    ${others}

Connecting A Calendar Leads To Google Or Says Why Not
    [Tags]    exit:3    smoke
    ${answer} =    Answer To Connecting A Calendar
    Answer Should Lead To Google Or Say Why Not    ${answer}

Google Is Told Who Asks
    [Tags]    exit:3
    ${target} =    Way To Google
    Query Parameter Of    ${target}    client_id

Google Is Asked For A Code
    [Tags]    exit:3
    ${target} =    Way To Google
    Google Should Answer With A Code    ${target}

Google Is Asked For A Calendar
    [Tags]    exit:3
    ${target} =    Way To Google
    Calendar Should Be Asked For    ${target}

Google Is Told Where To Return
    [Tags]    exit:3
    ${target} =    Way To Google
    Google Should Be Told Where To Return    ${target}

Way Back Is Protected Against Forgery
    [Tags]    exit:3
    ${target} =    Way To Google
    Query Parameter Of    ${target}    state

Connecting A Calendar Of No Business Is Refused
    [Tags]    exit:3
    ${answer} =    Answer To Connecting A Calendar Of No Business
    Missing Business Should Be Explained    ${answer}

Connecting A Calendar Of An Empty Business Is Refused
    [Tags]    exit:3
    ${answer} =    Answer To Connecting A Calendar Of An Empty Business
    Missing Business Should Be Explained    ${answer}

Denied Consent Reaches The Dashboard
    [Tags]    exit:3
    Failure Should Reach The Dashboard    ${DENIED_CONSENT}

Denied Consent With A Made-Up State Reaches The Dashboard
    [Tags]    exit:3
    Failure Should Reach The Dashboard    ${DENIED_CONSENT_WITH_A_MADE_UP_STATE}

Return Without A Code Reaches The Dashboard As A Failure
    [Tags]    exit:3
    Failure Should Reach The Dashboard    ${NO_CODE}

Return With A Made-Up Code Reaches The Dashboard As A Failure
    [Tags]    exit:3
    Failure Should Reach The Dashboard    ${MADE_UP_CODE}

Return With A Made-Up State Reaches The Dashboard As A Failure
    [Tags]    exit:3
    Failure Should Reach The Dashboard    ${MADE_UP_CODE_AND_STATE}

Return With A Made-Up Code And A Genuine State Reaches The Dashboard As A Failure
    [Tags]    exit:3
    ${parameters} =    Made-Up Code With The State Of The Way To Google
    Failure Should Reach The Dashboard    ${parameters}

Calendar State Is Yes Or No
    [Tags]    exit:4    smoke
    ${settings} =    Settings As First Read
    Calendar State Should Be Yes Or No    ${settings}

Connected Calendar Means A Configured Integration
    [Tags]    exit:4
    ${settings} =    Settings As First Read
    ${answer} =    Answer To Connecting A Calendar
    Connected Calendar Should Mean A Configured Integration    ${settings}    ${answer}

Failed Connection Leaves The Calendar State Alone
    [Tags]    exit:4
    ${before} =    Settings As First Read
    Return From Google    ${MADE_UP_CODE_AND_STATE}
    ${after} =    Current Settings
    Calendar State Should Be The Same    ${before}    ${after}
