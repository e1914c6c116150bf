*** Settings ***
Documentation     What the owner of a business saves is what the receptionist works with.
...
...               Settings that are lost, cut or mixed up make the receptionist tell callers something wrong, and
...               settings that a stranger can read or change are a breach. So each setting is saved and read again, and
...               everything that must be refused is tried. Whatever is changed here is put back.
Metadata          Exit 1    Signing in is broken, or strangers are let in
Metadata          Exit 2    Settings cannot be read, or are not complete
Metadata          Exit 3    Updates are not accepted, or bad ones are
Metadata          Exit 4    What was saved is not what is there
Metadata          Exit 5    Answers are not in the agreed format

Resource          ../resources/settings.resource

Suite Setup       Sign In As Owner
Suite Teardown    Leave Account As Found
Test Setup        Run Only What Can Tell Something
Test Timeout      2 minutes

Test Tags         settings


*** Test Cases ***
Owner Can Sign In
    [Tags]    exit:1    smoke
    Owner Should Be Signed In

Owner Is Recognised After Signing In
    [Tags]    exit:1    smoke
    Owner Should Be Recognised

Settings Are Closed To A Visitor Without A Token
    [Tags]    exit:1
    Account Should Be Closed To    visitor

Settings Are Closed To A Forged Token
    [Tags]    exit:1
    Account Should Be Closed To    forged token

Settings Are Closed To A Changed Token
    [Tags]    exit:1
    Account Should Be Closed To    changed token

Settings Are Closed To An Unsigned Token
    [Tags]    exit:1
    Account Should Be Closed To    unsigned token

Settings Are Closed To A Made-Up Token
    [Tags]    exit:1
    Account Should Be Closed To    made-up token

Wrong Password Is Refused
    [Tags]    exit:1
    ${answer} =    Answer To A Wrong Password
    Stranger Should Be Turned Away    ${answer}

Unknown User Is Refused
    [Tags]    exit:1
    ${answer} =    Answer To An Unknown User
    Stranger Should Be Turned Away    ${answer}

Malformed Sign-In Is Refused
    [Tags]    exit:1
    ${answer} =    Answer To A Malformed Sign-In
    Malformed Request Should Be Refused    ${answer}

Settings Can Be Read
    [Tags]    exit:2    smoke
    ${settings} =    Settings As First Read
    Business Should Be Known    ${settings}

Every Setting Is There And Of Its Kind
    [Tags]    exit:2
    ${settings} =    Settings As First Read
    Should Keep Contract    ${settings}    every_setting

Second Read Gives The Same Business
    [Tags]    exit:2
    ${settings} =    Settings As First Read
    ${others} =    Current Settings
    Businesses Should Be The Same    ${settings}    ${others}

Update That Breaks Off Is Refused
    [Tags]    exit:3    write
    ${answer} =    Answer To A Refused Update    ${CUT_OFF}
    Malformed Request Should Be Refused    ${answer}

Update That Is No Object Is Refused
    [Tags]    exit:3    write
    ${answer} =    Answer To A Refused Update    ${NO_OBJECT}
    Malformed Request Should Be Refused    ${answer}

Update That Is No JSON Is Refused
    [Tags]    exit:3    write
    ${answer} =    Answer To A Refused Update    ${NO_JSON}
    Malformed Request Should Be Refused    ${answer}

Update Without A Token Is Refused
    [Tags]    exit:3    write
    ${update} =    Update By A Stranger
    ${answer} =    Answer To A Refused Update    ${update}    visitor
    Stranger Should Be Turned Away    ${answer}

Update With A Forged Token Is Refused
    [Tags]    exit:3    write
    ${update} =    Update By A Stranger
    ${answer} =    Answer To A Refused Update    ${update}    forged token
    Stranger Should Be Turned Away    ${answer}

Update With A Changed Token Is Refused
    [Tags]    exit:3    write
    ${update} =    Update By A Stranger
    ${answer} =    Answer To A Refused Update    ${update}    changed token
    Stranger Should Be Turned Away    ${answer}

Update With An Unsigned Token Is Refused
    [Tags]    exit:3    write
    ${update} =    Update By A Stranger
    ${answer} =    Answer To A Refused Update    ${update}    unsigned token
    Stranger Should Be Turned Away    ${answer}

Update By POST Without A Token Is Refused
    [Tags]    exit:3    write
    ${answer} =    Answer To An Update By POST Of A Stranger
    Stranger Should Be Turned Away    ${answer}

Refused Updates Have Changed Nothing
    [Tags]    exit:4    write
    ${before} =    Settings As First Read
    ${after} =    Current Settings
    Everything Should Be Untouched    ${before}    ${after}

Update Is Accepted
    [Tags]    exit:3    smoke    write
    ${_}    ${answer} =    First Update
    Update Should Be Accepted    ${answer}

What Was Saved Is There At The Next Read
    [Tags]    exit:4    smoke    write
    ${sent}    ${_} =    First Update
    ${settings} =    Settings After The First Update
    Settings Should Read    ${settings}    ${sent}

What Was Not Sent Is Untouched At The Next Read
    [Tags]    exit:4    smoke    write
    ${sent}    ${_} =    First Update
    ${before} =    Settings As First Read
    ${after} =    Settings After The First Update
    Everything Else Should Be Untouched    ${before}    ${after}    ${sent}

Update By POST Is Accepted Where Offered
    [Tags]    exit:3    write
    ${_}    ${_}    ${answer} =    First Update By POST
    Update Should Be Accepted    ${answer}

What Was Saved By POST Is There And The Rest Untouched
    [Tags]    exit:4    write
    ${before}    ${sent}    ${_} =    First Update By POST
    ${after} =    Current Settings
    Settings Should Read    ${after}    ${sent}
    Everything Else Should Be Untouched    ${before}    ${after}    ${sent}

Receptionist Cannot Be Enabled Without A Phone Number
    [Tags]    exit:3    write
    Skip Where There Is A Phone Number
    ${answer} =    Answer To Enabling The Receptionist
    Impossible Request Should Be Refused    ${answer}

Receptionist Cannot Be Enabled Once The Phone Number Is Given Up
    [Tags]    exit:3    write    destructive
    ${answer} =    Answer To A Receptionist Without A Phone Number
    Impossible Request Should Be Refused    ${answer}

Industry Is Saved Without Touching The Rest
    [Tags]    exit:4    write
    Setting Should Be Saved Alone    industry

Description Is Saved Without Touching The Rest
    [Tags]    exit:4    write
    Setting Should Be Saved Alone    description

Business Hours Are Saved Without Touching The Rest
    [Tags]    exit:4    write
    Setting Should Be Saved Alone    business hours

Common Services Are Saved Without Touching The Rest
    [Tags]    exit:4    write
    Setting Should Be Saved Alone    common services

Time Zone Is Saved Without Touching The Rest
    [Tags]    exit:4    write
    Setting Should Be Saved Alone    timezone

Greeting Style Is Saved Without Touching The Rest
    [Tags]    exit:4    write
    Setting Should Be Saved Alone    greeting style

FAQs Are Saved Without Touching The Rest
    [Tags]    exit:4    write
    Setting Should Be Saved Alone    faqs

All Settings Are Saved Together
    [Tags]    exit:4    write
    All Settings Should Be Saved Together

What Was Saved Is Still There At A Second Read
    [Tags]    exit:4    write
    ${before} =    Settings As First Read
    ${sent} =    Update Of This Run    ${before}
    Save    ${sent}
    Current Settings
    ${second} =    Current Settings
    Settings Should Read    ${second}    ${sent}

Emoji And Accents Are Kept
    [Tags]    exit:4    write
    Text Should Be Kept    Café Zoë 🦷👩🏽‍⚕️ naïve façade

Right-To-Left Text Is Kept
    [Tags]    exit:4    write
    Text Should Be Kept    ברוכים הבאים\u200e –\u200f أهلاً وسهلاً

Decomposed Letters Are Kept
    [Tags]    exit:4    write
    Text Should Be Kept    Cafe\u0301 A\u030angstro\u0308m

Quotes And Backslashes Are Kept
    [Tags]    exit:4    write
    Text Should Be Kept    "Zoe's" 'fine' C:\\new\\table \\u00e9 `tick`

Markup Is Kept
    [Tags]    exit:4    write
    Text Should Be Kept    <b>Cuts</b> & colours &amp; <script>alert(1)</script> 100%25 +1

Line Breaks And Tabs Are Kept
    [Tags]    exit:4    write
    Text Should Be Kept    Mon\tcuts\nTue\tcolours\r\n\n - and\u2028more\n

Upper And Lower Case Are Kept
    [Tags]    exit:4    write
    Text Should Be Kept    mIxEd CASE, iPhone, McDonald, STRASSE, straße, İstanbul

Surrounding Spaces Are Kept
    [Tags]    exit:4    write
    Text Should Be Kept    ${SPACE * 2}spaces${SPACE * 2}around\u00a0and\u200bbe\u00adtween${SPACE * 3}

Two Thousand Characters Are Kept
    [Tags]    exit:4    write
    Text Should Be Kept    ${LONG_TEXT}

Texts That Look Like Something Else Are Kept
    [Tags]    exit:4    write
    Texts Should Be Kept    null    0800    true    {"a": [1, 2]}

Empty Text Is Kept
    [Tags]    exit:4    write
    Text Should Be Kept    ${EMPTY}

Settings Are Given As JSON
    [Tags]    exit:5
    ${answer} =    Answer To The First Read
    Answer Should Be JSON    ${answer}

Sign-In Is Answered With JSON
    [Tags]    exit:5
    Sign-In Should Be Answered With JSON

Update Is Answered With JSON
    [Tags]    exit:5    write
    ${_}    ${answer} =    First Update
    Answer Should Be JSON    ${answer}

Refused Sign-In Is Explained
    [Tags]    exit:5
    ${answer} =    Answer To A Wrong Password
    Refusal Should Be Explained    ${answer}

Refused Sign-In Of An Unknown User Is Explained
    [Tags]    exit:5
    ${answer} =    Answer To An Unknown User
    Refusal Should Be Explained    ${answer}

Malformed Sign-In Is Explained
    [Tags]    exit:5
    ${answer} =    Answer To A Malformed Sign-In
    Refusal Should Be Explained    ${answer}

Refused Read Is Explained
    [Tags]    exit:5
    ${answer} =    Answer To The First Read    visitor
    Refusal Should Be Explained    ${answer}

Refused Tokens Are Explained
    [Tags]    exit:5
    [Template]    Refused Stranger Should Be Told Why
    forged token
    changed token
    unsigned token
    made-up token

Refused Updates Are Explained
    [Tags]    exit:5    write
    [Template]    Refused Update Should Be Explained
    ${CUT_OFF}
    ${NO_OBJECT}
    ${NO_JSON}

Refused Updates Of Strangers Are Explained
    [Tags]    exit:5    write
    [Template]    Refused Update Of A Stranger Should Be Explained
    visitor
    forged token
    changed token
    unsigned token

Refused Update By POST Is Explained
    [Tags]    exit:5    write
    ${answer} =    Answer To An Update By POST Of A Stranger
    Refusal Should Be Explained    ${answer}

Refused Receptionist Is Explained
    [Tags]    exit:5    write
    Skip Where There Is A Phone Number
    ${answer} =    Answer To Enabling The Receptionist
    Refusal Should Be Explained    ${answer}

Receptionist Refused Once The Phone Number Is Given Up Is Explained
    [Tags]    exit:5    write    destructive
    ${answer} =    Answer To A Receptionist Without A Phone Number
    Refusal Should Be Explained    ${answer}

Path That Is Not There Is Explained
    [Tags]    exit:5
    ${answer} =    Answer To A Path That Is Not There
    Nothing Should Be There    ${answer}
    Refusal Should Be Explained    ${answer}

Wrong Method Is Explained
    [Tags]    exit:5
    ${answer} =    Answer To A Wrong Method
    Should Be A Client Error    ${answer}
    Refusal Should Be Explained    ${answer}
