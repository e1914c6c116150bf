*** Settings ***
Documentation     The owner's settings are saved and read back exactly as they were sent.
...
...               The receptionist works with these settings. Settings that are lost, cut or mixed up make it give
...               callers wrong information, and settings that an unauthenticated client can read or change are a data
...               breach. So each setting is saved and read back, and invalid requests are tried. All changes are undone
...               at the end.
Metadata          Exit 1    Login is broken, or requests without a valid token are accepted
Metadata          Exit 2    Settings cannot be read, or are incomplete
Metadata          Exit 3    Valid updates are rejected, or invalid updates are accepted
Metadata          Exit 4    Saved settings are not read back, or other settings changed
Metadata          Exit 5    Responses are not in the agreed format

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

Login With Wrong Credentials Is Rejected
    [Tags]    exit:1
    [Template]    Login Should Be Unauthorized
    wrong password
    unknown user

Malformed Login Is Rejected
    [Tags]    exit:1
    ${response} =    Log In With    malformed body
    Response Should Be Validation Error    ${response}

# Phase 2: reading

Settings Can Be Read
    [Tags]    exit:2    smoke
    ${settings} =    Get Settings    cached=yes
    Business Should Be Identified    ${settings}

All Settings Are Present And Of The Right Type
    [Tags]    exit:2
    ${settings} =    Get Settings    cached=yes
    Should Match Schema    ${settings}    all_settings

Second Read Returns The Same Business
    [Tags]    exit:2
    ${first} =    Get Settings    cached=yes
    ${second} =    Get Settings
    Business Should Be The Same    ${first}    ${second}

# Phase 3: updates

Update Is Accepted
    [Tags]    exit:3    smoke    write
    First Update Should Be Accepted

Update By POST Is Accepted Where Offered
    [Tags]    exit:3    write
    ${settings} =    Get Settings    cached=yes
    ${update} =    Create Update    ${settings}
    ${response} =    Post Business    ${update}
    Update Should Be Accepted    ${response}

Malformed Update Is Rejected
    [Tags]    exit:3    write
    [Template]    Malformed Update Should Be Rejected
    ${TRUNCATED_JSON}
    ${NON_OBJECT_JSON}
    ${INVALID_JSON}

Update Without Valid Token Is Rejected
    [Tags]    exit:3    write
    [Template]    Update Should Be Unauthorized
    unauthenticated
    invalid signature
    tampered
    unsigned

Update By POST Without Token Is Rejected
    [Tags]    exit:3    write
    ${response} =    Post Unauthorized Update
    Response Should Be Unauthorized    ${response}

Enabling Receptionist Without Phone Number Is Rejected
    [Tags]    exit:3    write
    Skip If Account Has Phone Number
    ${response} =    Enable Receptionist
    Response Should Be Bad Request    ${response}

Enabling Receptionist After Phone Number Is Removed Is Rejected
    [Tags]    exit:3    write    destructive
    Remove Phone Number
    ${response} =    Enable Receptionist
    Response Should Be Bad Request    ${response}

# Phase 4: saved values

Saved Value Is Read Back
    [Tags]    exit:4    smoke    write
    ${update} =    Get First Update
    ${settings} =    Get Settings After First Update
    Settings Should Contain    ${settings}    ${update}

Other Settings Are Unchanged
    [Tags]    exit:4    smoke    write
    ${update} =    Get First Update
    ${before} =    Get Settings    cached=yes
    ${after} =    Get Settings After First Update
    Other Settings Should Be Unchanged    ${before}    ${after}    ${update}

Update By POST Saves Only What Was Sent
    [Tags]    exit:4    write
    ${before} =    Get Settings
    ${update} =    Save By POST    ${before}
    ${after} =    Get Settings
    Settings Should Contain    ${after}    ${update}
    Other Settings Should Be Unchanged    ${before}    ${after}    ${update}

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
    faqs

All Settings Are Saved Together
    [Tags]    exit:4    write
    All Settings Should Be Saved Together

Saved Value Is Read Back Twice
    [Tags]    exit:4    write
    ${before} =    Get Settings    cached=yes
    ${update} =    Create Update    ${before}
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
    Text Should Be Kept    ${LONG_TEXT}

JSON-Like Strings Are Kept
    [Tags]    exit:4    write
    Texts Should Be Kept    null    0800    true    {"a": [1, 2]}

Empty Text Is Kept
    [Tags]    exit:4    write
    Text Should Be Kept    ${EMPTY}

# Phase 5: response format

Settings Response Is JSON
    [Tags]    exit:5
    ${response} =    Get Business    cached=yes
    Response Should Be JSON Object    ${response}

Login Response Is JSON
    [Tags]    exit:5
    Login Response Should Be JSON

Update Response Is JSON
    [Tags]    exit:5    write
    ${update} =    Get First Update
    ${response} =    Put Business    ${update}    cached=yes
    Response Should Be JSON Object    ${response}

Rejected Login Returns Structured Error
    [Tags]    exit:5
    [Template]    Rejected Login Should Return Structured Error
    wrong password
    unknown user
    malformed body

Rejected Read Returns Structured Error
    [Tags]    exit:5
    [Template]    Rejected Read Should Return Structured Error
    unauthenticated
    invalid signature
    tampered
    unsigned
    malformed

Malformed Update Returns Structured Error
    [Tags]    exit:5    write
    [Template]    Malformed Update Should Return Structured Error
    ${TRUNCATED_JSON}
    ${NON_OBJECT_JSON}
    ${INVALID_JSON}

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

Enabling Receptionist Without Phone Number Returns Structured Error
    [Tags]    exit:5    write
    Skip If Account Has Phone Number
    ${response} =    Enable Receptionist
    Response Should Be Structured Error    ${response}

Enabling Receptionist After Phone Number Is Removed Returns Structured Error
    [Tags]    exit:5    write    destructive
    Remove Phone Number
    ${response} =    Enable Receptionist
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
    Response Should Be Structured Error    ${response}
