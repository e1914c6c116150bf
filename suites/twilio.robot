*** Settings ***
Documentation     The owner's phone is routed to the receptionist only where there is a number to route.
...
...               A number that is not written the international way cannot be dialled by Twilio, and a receptionist
...               without a number answers nobody. A new account without a number, and with the receptionist off, is
...               healthy.
Metadata          Exit 1    Signing in is broken, or strangers are let in
Metadata          Exit 2    Phone and receptionist cannot be read
Metadata          Exit 3    The phone number is not one that can be dialled
Metadata          Exit 4    The receptionist's state is wrong, or contradicts the phone
Metadata          Exit 5    Something unexpected happened

Resource          ../resources/twilio.resource

Suite Setup       Sign In As Owner
Suite Teardown    Leave Account As Found
Test Setup        Run Only What Can Tell Something
Test Timeout      2 minutes

Test Tags         twilio


*** Test Cases ***
Owner Can Sign In
    [Tags]    exit:1    smoke
    Owner Should Be Signed In

Owner Is Recognised After Signing In
    [Tags]    exit:1    smoke
    Owner Should Be Recognised

Phone State Is Closed To A Visitor Without A Token
    [Tags]    exit:1
    Account Should Be Closed To    visitor

Phone State Is Closed To A Forged Token
    [Tags]    exit:1
    Account Should Be Closed To    forged token

Phone State Is Closed To A Changed Token
    [Tags]    exit:1
    Account Should Be Closed To    changed token

Phone State Is Closed To An Unsigned Token
    [Tags]    exit:1
    Account Should Be Closed To    unsigned token

Phone State Is Closed To A Made-Up Token
    [Tags]    exit:1
    Account Should Be Closed To    made-up token

Phone State Can Be Read
    [Tags]    exit:2    smoke
    ${settings} =    Settings As First Read
    Phone State Should Be Known    ${settings}

Second Read Gives The Same Business
    [Tags]    exit:2
    ${settings} =    Settings As First Read
    ${others} =    Current Settings
    Businesses Should Be The Same    ${settings}    ${others}

Assigned Phone Number Is Dialable Worldwide
    [Tags]    exit:3    smoke
    ${settings} =    Settings As First Read
    Phone Number Should Be E.164    ${settings}

Assigned Phone Number Exists In Its Country
    [Tags]    exit:3
    ${settings} =    Settings As First Read
    Phone Number Should Exist In Its Country    ${settings}

Receptionist Is On Or Off
    [Tags]    exit:4    smoke
    ${settings} =    Settings As First Read
    Receptionist Should Be On Or Off    ${settings}

Enabled Receptionist Has A Phone Number To Answer
    [Tags]    exit:4
    ${settings} =    Settings As First Read
    Enabled Receptionist Should Have A Phone Number    ${settings}
