"""
What every engineer knows about words: which say nothing, which are short for others, which a stemmer must leave alone.

General knowledge only, for English; a word of another language is compared as it stands.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS = _words(
    """
    a about across after again against all along already also although always am among an and another any anyone
    anything are around as at away back be because been before being between both but by can cannot could did do does
    doing done don during each either else etc even ever every everyone everything few for from further get gets
    getting give given gives go goes had has have having he her here hers him his how i if in inside instead into is it
    its itself just keep keeps know let lets like made make makes making many may me might more most much must my need
    needed needs neither never no nor not nothing now of off often on once one only onto or other our ours out over own
    per put rather same see she should since so some someone something soon still such take takes than that the their
    them then there these they thing things this those though through thus to together too toward towards under until
    up upon us use used useful uses using various very via want wants was way ways we well were what when where whether
    which while who whole whom whose why will with within without work working works would yet you your yours
    allow allows enable enables help helps let provide provides providing support supports handle handles
    """
)

# What a thing is made as, not what it does: nearly every entry could say so of itself.
FORM_WORDS = _words(
    """
    api apis app application applications apps backend component components engine frontend job jobs microservice
    microservices module modules platform platforms portal server servers service services software solution solutions
    system systems tool tools tooling ui web worker workers
    """
)

# Names that are one word though their letters change case.
ONE_WORD = _words(
    """
    devops ebay facetime github gitlab graphql grpc iot ios javascript jquery latex linkedin macos mariadb mongodb
    mysql nosql oauth openai openapi opensearch paypal postgresql powerpoint rabbitmq saas sharepoint sqlite typescript
    whatsapp wifi wordpress youtube
    """
)

# Irregular forms that are common in descriptions.
IRREGULAR = {
    "apis": "api",
    "bought": "buy",
    "built": "build",
    "children": "child",
    "chosen": "choose",
    "found": "find",
    "indices": "index",
    "kept": "keep",
    "lost": "lose",
    "matrices": "matrix",
    "men": "man",
    "paid": "pay",
    "people": "person",
    "sent": "send",
    "sold": "sell",
    "spent": "spend",
    "women": "woman",
    "written": "write",
    "wrote": "write",
}

NOT_PLURAL = _words("alias atlas bias canvas gas https kubernetes lens news previous series species stats")

# Their last letters look like an ending, and are none.
NO_ENDING = _words(
    """
    anomaly apartment apply assembly author banner being board career chapter character charter climate comment
    compartment comply computer container conversation corner customer department document element engineer
    environment experiment factor family flower folder former header implement instrument letter master matter
    mission moment multiply nation newsletter number offer private question section sector segment shower station
    summer supply tender vector weather
    """
)

_SHORT = """
    2fa=two factor authentication | a11y=accessibility | acct=account | accts=account | addr=address
    admin=administration/administrator | ai=artificial intelligence | alloc=allocation | amt=amount
    app=application | arch=architecture | async=asynchronous | attr=attribute | auth=authentication/authorization
    authn=authentication | authz=authorization | avail=availability | avg=average | bg=background
    bi=business intelligence | biz=business | cal=calendar | calc=calculation | cat=category | cert=certificate
    cfg=configuration | chk=check | ci=continuous integration | cmd=command | cms=content management
    comms=communication | conf=configuration | config=configuration | conn=connection
    crm=customer relationship management | ctl=control | ctrl=control | cust=customer | db=database | dbs=database
    del=delete | dept=department | dev=development/developer | dir=directory | dist=distribution | dl=download
    doc=document/documentation | docs=document/documentation | dst=destination | dup=duplicate | e2e=end to end
    emp=employee | env=environment | err=error | etl=extract transform load | eval=evaluation | evt=event
    fe=frontend | feat=feature | fmt=format | freq=frequency | fs=filesystem | fwd=forward | fx=foreign exchange
    gen=generation | geo=geographic/geography | gw=gateway | hist=history | hr=human resources | hw=hardware
    i18n=internationalization | iam=identity access management | ident=identity | img=image | imgs=image
    info=information | infra=infrastructure | intl=international | inv=inventory/invoice | k8s=kubernetes
    kyc=know your customer | l10n=localization | lang=language | lb=load balancer | lib=library | libs=library
    loc=location | maint=maintenance | mem=memory | mfa=multi factor authentication | mgmt=management | mgr=manager
    ml=machine learning | mon=monitoring | msg=message | msgs=message | nav=navigation | net=network
    nlp=natural language processing | notif=notification | notifs=notification | num=number | o11y=observability
    obj=object | ops=operations | orch=orchestration | org=organization | orgs=organization | otp=one time password
    perf=performance | perm=permission | perms=permission | pic=picture | pii=personal information | pkg=package
    pkgs=package | pmt=payment | pmts=payment | pref=preference | prefs=preference | proc=process | prod=production
    promo=promotion | pw=password | pwd=password | qa=quality assurance | qry=query | qty=quantity
    rec=recommendation | recon=reconciliation | recs=recommendation | ref=reference | refs=reference
    reg=registration | repl=replication | repo=repository | repos=repository | req=request | reqs=request
    resp=response | rpt=report | rt=real time | sched=schedule | sec=security | sess=session | sig=signature
    spec=specification | specs=specification | src=source | srv=server/service | sso=single sign on
    stats=statistics | sub=subscription | subs=subscription | svc=service | svcs=service | sw=software
    sync=synchronization | sys=system | tel=telephone | temp=temperature/temporary | tkt=ticket | tmp=temporary
    ts=timestamp | tx=transaction | txn=transaction | txns=transaction | tz=timezone | ui=user interface
    upd=update | usr=user | util=utility | utils=utility | val=validation | ver=version | vid=video | vids=video
    vm=virtual machine | wf=workflow | wh=warehouse | xfer=transfer
"""


def _readings(text: str) -> dict[str, tuple[str, ...]]:
    pairs = (pair.strip().split("=") for line in text.strip().splitlines() for pair in line.split("|"))
    return {short: tuple(long.split("/")) for short, long in pairs}


# An abbreviation, and the phrases it may stand for.
ABBREVIATIONS = _readings(_SHORT)
