*** Settings ***
Documentation     The owner's settings are saved and read back exactly as they were sent.
...
...               The receptionist works with these settings. Settings that are lost, cut or mixed up make it give
...               callers wrong information, and settings that an unauthenticated client can read or change are a data
...               breach. So each setting is saved and read back, and invalid requests are tried. All changes are undone
...               at the end.
Metadata          Exit 1    Login is broken, or requests without a valid token are accepted
Metadata          Exit 2    Settings cannot be read, or are incomplete
Metadata          Exit 3    Valid updates are rejected
Metadata          Exit 4    Saved settings are not read back, other settings changed, or credentials are shown
Metadata          Exit 5    Invalid requests are not rejected as agreed, or responses are not in the agreed format

Resource          ../resources/settings.resource

Suite Setup       Log In As Owner
Suite Teardown    Restore Account
Test Setup        Skip Blocked Or Disallowed Test
Test Timeout      2 minutes

Test Tags         settings


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

Login Of Unknown User Is Rejected
    [Tags]    exit:1
    ${response} =    Log In With    unknown user
    Response Should Be Unauthorized    ${response}

Login With Wrong Password Is Rejected
    [Tags]    exit:1    lockout
    ${response} =    Log In With Wrong Password
    Response Should Be Unauthorized    ${response}

Update Without Valid Token Is Rejected
    [Tags]    exit:1    write
    [Template]    Update Should Be Unauthorized
    unauthenticated
    invalid signature
    tampered
    unsigned

Update By POST Without Token Is Rejected
    [Tags]    exit:1    write
    ${response} =    Post Unauthorized Update
    Response Should Be Unauthorized    ${response}

# Phase 2: reading

Settings Can Be Read
    [Tags]    exit:2    smoke
    ${settings} =    Get Settings    cached=yes
    Business Should Be Identified    ${settings}

All Settings Are Present And Of The Right Type
    [Tags]    exit:2    smoke
    All Settings Should Be Readable

Second Read Returns The Same Business
    [Tags]    exit:2
    ${first} =    Get Settings    cached=yes
    ${second} =    Get Settings
    Business Should Be The Same    ${first}    ${second}

# Phase 3: updates

Update Is Accepted
    [Tags]    exit:3    prerequisite    smoke    write
    Form Should Be Accepted

# Phase 4: saved values

Saved Value Is Read Back
    [Tags]    exit:4    smoke    write
    Marked Text Should Be Read Back

Other Settings Are Unchanged
    [Tags]    exit:4    smoke    write
    Other Settings Should Be Unchanged By Form

Update By POST Saves Only What Was Sent
    [Tags]    exit:4    write
    Update By POST Should Save Only What Was Sent

Rejected Updates Change Nothing
    [Tags]    exit:4    write
    ${before} =    Get Settings After Saving Industry
    Send Rejected Updates
    ${after} =    Get Settings
    All Settings Should Be Unchanged    ${before}    ${after}

Setting Is Saved Without Changing Others
    [Tags]    exit:4    write
    [Timeout]    5 minutes
    [Template]    Setting Should Be Saved Alone
    industry
    description
    business hours
    common services
    timezone
    greeting style
    name
    faqs

Phone Number Is Saved
    [Tags]    exit:4    write    destructive
    Phone Number Should Be Saved

Receptionist Status Is Saved
    [Tags]    exit:4    write    destructive
    Receptionist Status Should Be Saved

All Settings Are Saved Together
    [Tags]    exit:4    write
    All Settings Should Be Saved Together

Saved Value Is Read Back Twice
    [Tags]    exit:4    write
    ${before} =    Get Settings
    ${update} =    Get Marked Update    ${before}
    Save    ${update}
    Get Settings
    ${second} =    Get Settings
    Settings Should Contain    ${second}    ${update}

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
    Long Text Should Be Kept Or Rejected    ${LONG_TEXT}

JSON-Like Strings Are Kept
    [Tags]    exit:4    write
    Texts Should Be Kept    null    0800    true    {"a": [1, 2]}

Empty Text Is Kept
    [Tags]    exit:4    write
    Text Should Be Kept    ${EMPTY}

Overlong Text Is Not Cut
    [Tags]    exit:4    write
    Overlong Text Should Not Be Cut

# Phase 5: rejected requests and response format

Malformed Login Is Rejected
    [Tags]    exit:5
    ${response} =    Log In With    malformed body
    Response Should Be Structured Validation Error    ${response}

Malformed Update Is Rejected
    [Tags]    exit:5    write
    [Template]    Malformed Update Should Be Rejected
    ${TRUNCATED_JSON}
    ${NON_OBJECT_JSON}
    ${INVALID_JSON}

Overlong Text Is Accepted Or Rejected With Structured Error
    [Tags]    exit:5    write
    Overlong Text Should Be Accepted Or Structured Error

Update With Invalid Value Is Rejected
    [Tags]    exit:5    write
    [Template]    Invalid Value Should Be Rejected
    industry    ${OBJECT}
    description    ${OBJECT}
    business hours    ${OBJECT}
    common services    ${OBJECT}
    timezone    ${OBJECT}
    greeting style    ${OBJECT}

Update With Invalid Value Of Vital Setting Is Rejected
    [Tags]    exit:5    write    destructive
    [Template]    Invalid Value Should Be Rejected
    name    ${OBJECT}
    name    ${NONE}
    faqs    ${OBJECT}
    phone number    ${OBJECT}
    phone number    abc
    receptionist enabled    ${OBJECT}
    receptionist enabled    ${NONE}

Enabling Receptionist Without Phone Number Is Rejected
    [Tags]    exit:5    write
    Skip If Account Has Phone Number
    ${response} =    Enable Receptionist
    Response Should Be Bad Request    ${response}
    Response Should Be Structured Error    ${response}

Enabling Receptionist After Phone Number Is Removed Is Rejected
    [Tags]    exit:5    write    destructive
    Remove Phone Number
    ${response} =    Enable Receptionist
    Response Should Be Bad Request    ${response}
    Response Should Be Structured Error    ${response}

Settings Response Is JSON
    [Tags]    exit:5
    ${response} =    Get Business    cached=yes
    Response Should Be JSON Object    ${response}

Login Response Is JSON
    [Tags]    exit:5
    Login Response Should Be JSON

Update Response Is JSON
    [Tags]    exit:5    write
    Update Response Should Be JSON

Login Of Unknown User Returns Structured Error
    [Tags]    exit:5
    ${response} =    Log In With    unknown user
    Response Should Be Structured Error    ${response}

Login With Wrong Password Returns Structured Error
    [Tags]    exit:5    lockout
    ${response} =    Log In With Wrong Password
    Response Should Be Structured Error    ${response}

Rejected Read Returns Structured Error
    [Tags]    exit:5
    [Template]    Rejected Read Should Return Structured Error
    unauthenticated
    invalid signature
    tampered
    unsigned
    malformed

Update Without Valid Token Returns Structured Error
    [Tags]    exit:5    write
    [Template]    Unauthorized Update Should Return Structured Error
    unauthenticated
    invalid signature
    tampered
    unsigned

Update By POST Without Token Returns Structured Error
    [Tags]    exit:5    write
    ${response} =    Post Unauthorized Update
    Response Should Be Structured Error    ${response}

Unknown Path Returns Structured Error
    [Tags]    exit:5
    ${response} =    Get Unknown Path
    Response Should Be Not Found    ${response}
    Response Should Be Structured Error    ${response}

Unsupported Method Returns Structured Error
    [Tags]    exit:5
    ${response} =    Request Login With GET
    Response Should Be Client Error    ${response}
    Note Missing Header    ${response}    405    Allow
    Response Should Be Structured Error    ${response}

# At the end: all responses

No Response Shows Credential
    [Tags]    exit:4    security    smoke
    Responses Should Show No Credential
