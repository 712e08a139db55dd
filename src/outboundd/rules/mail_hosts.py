"""Which domains belong to nobody's company: free mail providers, hosting platforms and profile sites?"""

# Mailboxes that anybody can have: free mail and the mailboxes of internet access providers. What is not here is only
# not known to be free: the corpus (rules/attribution.py, tier 2) tells an unlisted provider by its many companies.
_FREE_MAIL = """
    gmail.com googlemail.com
    outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.jp outlook.pt outlook.dk outlook.be outlook.at
    outlook.ie outlook.in outlook.co.id outlook.co.th outlook.com.br outlook.com.au outlook.com.tr outlook.com.ar
    outlook.cl outlook.cz outlook.hu outlook.sk outlook.sa outlook.kr outlook.my outlook.ph outlook.sg
    hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.es hotmail.it hotmail.nl hotmail.be hotmail.se hotmail.no
    hotmail.dk hotmail.fi hotmail.ca hotmail.ch hotmail.at hotmail.gr hotmail.com.br hotmail.com.ar hotmail.com.mx
    hotmail.com.tr hotmail.com.au hotmail.co.jp hotmail.co.th hotmail.co.nz hotmail.co.za hotmail.cl hotmail.hu
    live.com live.co.uk live.de live.fr live.it live.nl live.be live.se live.no live.dk live.ca live.at live.ie live.jp
    live.cn live.in live.com.mx live.com.ar live.com.au live.com.pt live.cl live.co.za live.com.my live.com.sg
    msn.com passport.com windowslive.com
    yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.nl yahoo.be yahoo.se yahoo.no yahoo.dk yahoo.fi
    yahoo.pl yahoo.gr yahoo.ro yahoo.ie yahoo.at yahoo.ch yahoo.ca yahoo.in yahoo.co.in yahoo.co.id yahoo.co.jp
    yahoo.co.kr yahoo.co.nz yahoo.co.th yahoo.co.za yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.cn yahoo.com.co
    yahoo.com.hk yahoo.com.mx yahoo.com.my yahoo.com.pe yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.tw
    yahoo.com.vn yahoo.com.ve yahoo.cn ymail.com rocketmail.com myyahoo.com
    aol.com aol.co.uk aol.de aol.fr aim.com love.com games.com netscape.net
    icloud.com me.com mac.com
    proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tutamail.com tuta.io tuta.com keemail.me
    fastmail.com fastmail.fm hushmail.com hush.com zohomail.com zohomail.eu hey.com duck.com mailbox.org posteo.de
    posteo.net riseup.net disroot.org startmail.com runbox.com countermail.com ctemplar.com skiff.com
    mail.com email.com usa.com post.com europe.com consultant.com engineer.com inbox.com lycos.com excite.com
    gmx.com gmx.de gmx.net gmx.at gmx.ch gmx.fr gmx.es gmx.co.uk gmx.us gmx.info gmx.org web.de email.de freenet.de
    t-online.de magenta.de arcor.de vodafone.de vodafonemail.de o2online.de alice.de alice-dsl.net kabelmail.de
    unitybox.de 1und1.de online.de onlinehome.de mail.de firemail.de ewe.net ewetel.net netcologne.de osnanet.de
    aon.at chello.at a1.net utanet.at inode.at kabsi.at liwest.at bluewin.ch hispeed.ch sunrise.ch swissonline.ch
    quickline.ch
    orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr numericable.fr bbox.fr club-internet.fr aliceadsl.fr
    cegetel.net voila.fr noos.fr
    libero.it virgilio.it tiscali.it alice.it tin.it tim.it inwind.it iol.it email.it fastwebnet.it vodafone.it
    aruba.it poste.it pec.it legalmail.it
    telefonica.net movistar.es ono.com terra.es ya.com jazztel.es orange.es wanadoo.es euskalnet.net
    sapo.pt iol.pt clix.pt netcabo.pt mail.telepac.pt
    btinternet.com btopenworld.com virginmedia.com blueyonder.co.uk ntlworld.com sky.com talktalk.net
    tiscali.co.uk plus.net plusnet.com o2.co.uk orange.net wanadoo.co.uk freeserve.co.uk eircom.net
    ziggo.nl kpnmail.nl kpnplanet.nl planet.nl home.nl upcmail.nl xs4all.nl casema.nl chello.nl hetnet.nl quicknet.nl
    telfort.nl zonnet.nl telenet.be skynet.be proximus.be scarlet.be pandora.be voo.be
    telia.com bredband.net comhem.se spray.se tele2.se passagen.se bahnhof.se online.no broadpark.no getmail.no
    frisurf.no jubii.dk ofir.dk stofanet.dk mail.dk tdcadsl.dk elisanet.fi kolumbus.fi luukku.com suomi24.fi
    saunalahti.fi
    wp.pl o2.pl onet.pl onet.eu op.pl poczta.onet.pl vp.pl interia.pl interia.eu interia.com gazeta.pl tlen.pl
    poczta.fm go2.pl buziaczek.pl spoko.pl autograf.pl neostrada.pl
    seznam.cz email.cz post.cz centrum.cz volny.cz atlas.cz tiscali.cz quick.cz azet.sk zoznam.sk centrum.sk post.sk
    freemail.hu citromail.hu indamail.hu t-online.hu vipmail.hu upcmail.hu
    abv.bg mail.bg dir.bg siol.net t-2.net net.hr inet.hr ptt.rs eunet.rs mail.ee hot.ee inbox.lv inbox.lt one.lt
    otenet.gr forthnet.gr in.gr hol.gr cytanet.com.cy
    mail.ru inbox.ru list.ru bk.ru internet.ru rambler.ru lenta.ru ro.ru autorambler.ru yandex.ru yandex.com yandex.by
    yandex.kz yandex.ua ya.ru ukr.net i.ua meta.ua bigmir.net tut.by mail.kz
    mynet.com superonline.com ttmail.com walla.co.il walla.com netvision.net.il bezeqint.net 012.net.il
    rediffmail.com indiatimes.com sify.com vsnl.net vsnl.com in.com
    qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn 188.com
    aliyun.com 21cn.com tom.com wo.cn netvigator.com hinet.net pchome.com.tw
    naver.com hanmail.net daum.net nate.com korea.com kakao.com
    docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp nifty.com biglobe.ne.jp so-net.ne.jp ocn.ne.jp plala.or.jp
    dion.ne.jp au.com infoseek.jp excite.co.jp
    bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au dodo.com.au internode.on.net westnet.com.au
    adam.com.au xtra.co.nz slingshot.co.nz orcon.net.nz vodafone.co.nz singnet.com.sg streamyx.com
    uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com r7.com oi.com.br zipmail.com.br superig.com.br
    prodigy.net.mx infinitummail.com fibertel.com.ar ciudad.com.ar arnet.com.ar speedy.com.ar vtr.net adinet.com.uy
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net pacbell.net ameritech.net swbell.net cox.net
    charter.net spectrum.net rr.com roadrunner.com earthlink.net mindspring.com juno.com netzero.net netzero.com
    frontier.com frontiernet.net windstream.net centurylink.net centurytel.net embarqmail.com q.com optonline.net
    optimum.net suddenlink.net cableone.net wowway.com mediacombb.net prodigy.net peoplepc.com
    sympatico.ca bell.net rogers.com shaw.ca telus.net videotron.ca videotron.qc.ca cogeco.ca eastlink.ca sasktel.net
    mts.net nb.sympatico.ca
    mweb.co.za telkomsa.net webmail.co.za vodamail.co.za absamail.co.za iafrica.com
    mailinator.com guerrillamail.com 10minutemail.com temp-mail.org yopmail.com trashmail.com sharklasers.com
    maildrop.cc getnada.com dispostable.com throwawaymail.com
"""
FREE_MAIL = frozenset(_FREE_MAIL.split())

# Platforms on which every customer has a name below the platform's: acme.wixsite.com. The platform's own front page is
# its company's.
_HOSTING = """
    wixsite.com wix.com editorx.io weebly.com weeblysite.com wordpress.com wpcomstaging.com wpengine.com squarespace.com
    square.site webflow.io framer.website framer.app carrd.co strikingly.com mystrikingly.com jimdo.com jimdofree.com
    jimdosite.com webnode.com webnode.page webnode.de webnode.fr webnode.es webnode.cz godaddysites.com site123.me
    ucraft.site tilda.ws yolasite.com webs.com angelfire.com tripod.com ueniweb.com business.site zyrosite.com
    durable.co hubspotpagebuilder.com hs-sites.com duda.co dudasites.com cargo.site bubbleapps.io softr.app glide.page
    myshopify.com bigcartel.com mybigcommerce.com storenvy.com ecwid.com company.site etsy.com tictail.com
    shopware.store prestashop.com mysumup.com sumupstore.com sellfy.store gumroad.com lightspeedhq.com
    github.io gitlab.io bitbucket.io pages.dev workers.dev netlify.app netlify.com vercel.app now.sh surge.sh
    herokuapp.com onrender.com render.com fly.dev railway.app web.app firebaseapp.com appspot.com run.app
    azurewebsites.net azurestaticapps.net cloudapp.net windows.net amazonaws.com cloudfront.net elasticbeanstalk.com
    amplifyapp.com digitaloceanspaces.com ondigitalocean.app replit.app repl.co glitch.me streamlit.app deno.dev
    readthedocs.io gitbook.io
    notion.site super.site blogspot.com blogspot.de blogspot.fr tumblr.com typepad.com substack.com ghost.io medium.com
    hatenablog.com livejournal.com over-blog.com canalblog.com hypotheses.org bandcamp.com
    my.canva.site canva.site typeform.com jotform.com mailchimpsites.com ck.page beacons.ai
    sharepoint.com onmicrosoft.com atlassian.net zendesk.com freshdesk.com myfreshworks.com teachable.com thinkific.com
    podia.com kajabi.com booksy.com setmore.com simplybook.me calendly.com eventbrite.com
    ngrok.io ngrok.app ngrok-free.app duckdns.org dyndns.org no-ip.org
"""
HOSTING = frozenset(_HOSTING.split())

# Sites on which a page describes a company or a person: the page is below a path, the front page is the site's own.
_PROFILES = """
    linkedin.com lnkd.in xing.com viadeo.com facebook.com fb.com fb.me m.me instagram.com threads.net twitter.com x.com
    t.co youtube.com youtu.be tiktok.com pinterest.com snapchat.com reddit.com vk.com ok.ru weibo.com wechat.com
    line.me telegram.me t.me wa.me whatsapp.com discord.gg discord.com slack.com twitch.tv vimeo.com soundcloud.com
    linktr.ee linktree.com bio.link about.me lnk.bio taplink.cc flow.page allmylinks.com solo.to campsite.bio
    github.com gitlab.com bitbucket.org huggingface.co stackoverflow.com
    medium.com notion.so notion.com sites.google.com docs.google.com drive.google.com goo.gl maps.google.com g.page
    g.co maps.app.goo.gl business.google.com plus.google.com play.google.com apps.apple.com itunes.apple.com
    crunchbase.com pitchbook.com dealroom.co angel.co wellfound.com producthunt.com glassdoor.com indeed.com
    kununu.com zoominfo.com apollo.io rocketreach.co dnb.com bloomberg.com owler.com clutch.co g2.com capterra.com
    trustpilot.com yelp.com yellowpages.com gelbeseiten.de dasoertliche.de pagesjaunes.fr paginasamarillas.es
    paginegialle.it tripadvisor.com booking.com airbnb.com opentable.com
    northdata.de northdata.com companieshouse.gov.uk opencorporates.com europages.com europages.co.uk kompass.com
    wlw.de wikipedia.org wikidata.org
    amazon.com amazon.de amazon.co.uk ebay.com ebay.de ebay.co.uk etsy.com alibaba.com aliexpress.com upwork.com
    fiverr.com behance.net dribbble.com kickstarter.com indiegogo.com patreon.com ko-fi.com bit.ly tinyurl.com
    service.gov.uk
"""
PROFILES = frozenset(_PROFILES.split())

# Front pages under which many bodies have only a path, while the names below belong to one body each: www.gov.uk/home
# tells nothing, camden.gov.uk does.
FRONTS = frozenset({"gov.uk", "gov.br", "gob.mx", "canada.ca"})
