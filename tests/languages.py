"""Short opinions in many languages, written for these tests; 32 where the letters are not Latin."""

RUSSIAN = """
Очень хороший фильм, смотрели всей семьёй
Плохое обслуживание, ждали целый час
Всем советую, цена отличная
Больше не приду в этот магазин
Доставили быстро и вежливо
Телефон сломался через неделю
Спасибо, всё работает
Книга скучная, не дочитал до конца
Вкусный кофе и тихое место
Номер был грязный, вода холодная
Игра актёров на высоте
Батарея держит меньше суток
Отличный подарок для ребёнка
Деньги до сих пор не вернули
Заказываю уже третий раз, доволен
Цвет не такой, как на фотографии
Удобное кресло, спина не болит
Инструкция непонятная
Персонал приветливый, вернёмся летом
Звук тихий, экран тусклый
Прекрасный вид из окна
Музыка играла слишком громко
Качество ткани приятно удивило
Посылка пришла открытой
Быстро ответили на мой вопрос
Обувь мала на два размера
Лучший ресторан в нашем городе
Еда остыла, пока её несли
Простая и понятная программа
Реклама мешает смотреть
Сервис на пять с плюсом
Никому не рекомендую
"""

UKRAINIAN = """
Дуже гарний фільм, дивилися всією родиною
Погане обслуговування, чекали цілу годину
Усім раджу, чудова ціна
Більше не прийду до цієї крамниці
Доставили швидко і ввічливо
Телефон зламався за тиждень
Дякую, усе працює
Книжка нудна, не дочитав до кінця
Смачна кава і тихе місце
Номер був брудний, вода холодна
Гра акторів на висоті
Батарея тримає менше доби
Чудовий подарунок для дитини
Гроші досі не повернули
Замовляю вже втретє, задоволений
Колір не такий, як на світлині
Зручне крісло, спина не болить
Інструкція незрозуміла
Персонал привітний, повернемося влітку
Звук тихий, екран тьмяний
Прекрасний краєвид із вікна
Музика грала надто голосно
Якість тканини приємно здивувала
Посилка прийшла відкритою
Швидко відповіли на моє запитання
Взуття замале на два розміри
Найкращий ресторан у нашому місті
Їжа вистигла, поки її несли
Проста і зрозуміла програма
Реклама заважає дивитися
Сервіс на п'ять із плюсом
Нікому не раджу
"""

GREEK = """
Πολύ καλή ταινία, τη συνιστώ σε όλους
Κακή εξυπηρέτηση, περιμέναμε μία ώρα
Η τιμή ήταν εξαιρετική
Δεν θα ξαναπάω σε αυτό το μαγαζί
Το δέμα ήρθε γρήγορα
Το τηλέφωνο χάλασε σε μία εβδομάδα
Ευχαριστώ, όλα δουλεύουν
Βαρετό βιβλίο, το άφησα στη μέση
Νόστιμος καφές και ήσυχο μέρος
Το δωμάτιο ήταν βρώμικο και κρύο
Οι ηθοποιοί ήταν υπέροχοι
Η μπαταρία δεν κρατάει ούτε μία μέρα
Ωραίο δώρο για το παιδί
Ακόμη δεν μου επέστρεψαν τα χρήματα
Παραγγέλνω για τρίτη φορά και είμαι ευχαριστημένος
Το χρώμα δεν είναι όπως στη φωτογραφία
Άνετη καρέκλα, δεν πονάει η μέση μου
Οι οδηγίες δεν είναι καθαρές
Ευγενικό προσωπικό, θα ξανάρθουμε το καλοκαίρι
Χαμηλός ήχος και σκοτεινή οθόνη
Υπέροχη θέα από το παράθυρο
Η μουσική ήταν πολύ δυνατή
Η ποιότητα του υφάσματος με εξέπληξε
Το κουτί ήρθε ανοιχτό
Απάντησαν αμέσως στην ερώτησή μου
Τα παπούτσια είναι μικρά
Το καλύτερο εστιατόριο της πόλης
Το φαγητό ήρθε κρύο
Απλό και εύκολο πρόγραμμα
Οι διαφημίσεις ενοχλούν
Άριστη δουλειά, μπράβο σας
Δεν το συνιστώ σε κανέναν
"""

HEBREW = """
סרט טוב מאוד, ראינו אותו עם כל המשפחה
שירות גרוע, חיכינו שעה שלמה
אני ממליץ לכולם, המחיר מצוין
לא אחזור לחנות הזאת
המשלוח הגיע מהר
הטלפון התקלקל אחרי שבוע
תודה, הכול עובד
ספר משעמם, לא סיימתי אותו
קפה טעים ומקום שקט
החדר היה מלוכלך והמים קרים
המשחק של השחקנים נהדר
הסוללה לא מחזיקה יום אחד
מתנה יפה לילד
עדיין לא החזירו לי את הכסף
אני מזמין בפעם השלישית ומרוצה
הצבע לא כמו בתמונה
כיסא נוח, הגב כבר לא כואב
ההוראות לא ברורות
צוות נחמד, נחזור בקיץ
הקול חלש והמסך כהה
נוף מקסים מהחלון
המוזיקה הייתה רועשת מדי
איכות הבד הפתיעה אותי לטובה
החבילה הגיעה פתוחה
ענו לי מהר על השאלה
הנעליים קטנות בשתי מידות
המסעדה הטובה ביותר בעיר
האוכל הגיע קר
תוכנה פשוטה וברורה
הפרסומות מפריעות לצפות
שירות מצוין, כל הכבוד
לא ממליץ לאף אחד
"""

ARABIC = """
فيلم جميل جدا شاهدناه مع العائلة كلها
الخدمة سيئة وانتظرنا ساعة كاملة
أنصح الجميع به والسعر ممتاز
لن أعود إلى هذا المتجر
وصل الطلب بسرعة
تعطل الهاتف بعد أسبوع
شكرا، كل شيء يعمل
الكتاب ممل ولم أكمله
القهوة لذيذة والمكان هادئ
كانت الغرفة قذرة والماء باردا
أداء الممثلين رائع
البطارية لا تدوم يوما واحدا
هدية جميلة للطفل
لم يرجعوا المال حتى الآن
أطلب للمرة الثالثة وأنا راض
اللون ليس كما في الصورة
كرسي مريح وظهري لا يؤلمني
التعليمات غير واضحة
الموظفون لطفاء وسنعود في الصيف
الصوت ضعيف والشاشة معتمة
منظر رائع من النافذة
الموسيقى عالية جدا
فاجأتني جودة القماش
وصل الصندوق مفتوحا
أجابوا عن سؤالي بسرعة
الحذاء صغير جدا
أفضل مطعم في المدينة
وصل الطعام باردا
برنامج سهل وبسيط
الإعلانات مزعجة
عمل ممتاز، أحسنتم
لا أنصح به أحدا
"""

THAI = """
หนังดีมาก ดูกันทั้งครอบครัว
บริการแย่ รอเป็นชั่วโมง
แนะนำทุกคน ราคาดีมาก
จะไม่กลับมาร้านนี้อีก
ส่งของเร็วมาก
โทรศัพท์เสียภายในหนึ่งสัปดาห์
ขอบคุณ ใช้งานได้ดี
หนังสือน่าเบื่อ อ่านไม่จบ
กาแฟอร่อย ที่นั่งเงียบสงบ
ห้องสกปรกและน้ำเย็น
นักแสดงเล่นดีมาก
แบตเตอรี่อยู่ได้ไม่ถึงวัน
ของขวัญที่ดีสำหรับเด็ก
ยังไม่ได้เงินคืน
สั่งเป็นครั้งที่สามแล้ว พอใจมาก
สีไม่เหมือนในรูป
เก้าอี้นั่งสบาย ไม่ปวดหลัง
คู่มือเข้าใจยาก
พนักงานใจดี จะกลับมาอีก
เสียงเบา หน้าจอมืด
วิวสวยมากจากหน้าต่าง
เพลงดังเกินไป
เนื้อผ้าดีกว่าที่คิด
กล่องมาถึงแบบเปิดแล้ว
ตอบคำถามเร็วมาก
รองเท้าเล็กไปสองเบอร์
ร้านอาหารที่ดีที่สุดในเมือง
อาหารเย็นหมดแล้ว
โปรแกรมใช้ง่าย
โฆษณาน่ารำคาญ
ทำงานดีเยี่ยม
ไม่แนะนำเลย
"""

GERMAN = """
Das Gerät läuft schön leise
Größe passt nicht
für mich nichts
zu spät geliefert
Über uns weiß man nichts
Tür klemmt, Schlüssel bricht
völlig überteuert
hält was es verspricht
Käse, Brötchen und Äpfel frisch
Öffnungszeiten stimmen nicht
würde ich wieder kaufen
Rückgabe dauert zu lange
schöne Grüße aus Köln
Müll, bitte löschen
nächstes Jahr kommen wir zurück
Heißes Wasser fehlte
Gäste sehr nett
das Frühstück war größer
ärgerlich, aber gelöst
Lösung nach drei Tagen
mäßiger Empfang
grün statt blau
Bücher waren beschädigt
süß und lecker
Straße zu laut
möchte mein Geld zurück
ungewöhnlich gut
nützlich und günstig
Qualität geht so
Verkäufer unhöflich
"""

FRENCH = """
très bon produit
ça marche bien
livré en retard
écran cassé à la réception
qualité médiocre
je suis déçu
très satisfaite, merci
le café était froid
hôtel propre et équipé
problème résolu
prix élevé
reçu abîmé
même pas remboursé
à éviter
repas délicieux
forêt à côté
l'été prochain peut-être
réponse rapide
bientôt vidé
pièce manquante
goût étrange
conseillé par ma mère
délai respecté
trop cher où que ce soit
château magnifique
l'hôtesse était gênée
Noël gâché
clé perdue
fenêtre fermée
bonne idée
"""

POLISH = """
źle, łatwo się psuje
paczka nie dotarła
proszę o zwrot
bardzo miła obsługa
świetny film
książka nudna, nie skończyłem
zupa była zimna
polecam każdemu
za drogo jak na tę jakość
przyjechał w terminie
dziękuję, działa
nigdy więcej
łóżko wygodne, cicho
pęknięty ekran
muzyka za głośno
ładny widok z okna
wróżka w teatrze cudowna
instrukcja niejasna
żona zadowolona
buty za małe
piękny prezent dla córki
źródło hałasu pod oknem
śniadanie pyszne
czekaliśmy godzinę
pieniędzy nie oddali
kolor inny niż na zdjęciu
wciąż czekam
działa bez zarzutu
chętnie wrócę
nie polecam nikomu
"""

CZECH = """
zboží nedorazilo
příliš drahé
děkuji, výborné
špatná obsluha
už nikdy
rychlé dodání
velmi dobrý film
kniha nudná, nedočetl jsem
káva výborná, místo tiché
pokoj špinavý a voda studená
herci skvělí
baterie nevydrží ani den
pěkný dárek pro dítě
peníze nevrátili
objednávám potřetí
barva není jako na fotce
pohodlné křeslo
návod nesrozumitelný
personál milý
zvuk slabý
"""

HUNGARIAN = """
nagyon jó film
rossz kiszolgálás, egy órát vártunk
mindenkinek ajánlom
gyűrött csomag érkezett
hűtő elromlott
időben jött
szűk cipő
köszönöm, működik
unalmas könyv
finom kávé, csöndes hely
piszkos szoba
a színészek nagyszerűek
az akkumulátor gyenge
szép ajándék
nem adták vissza a pénzt
kényelmes szék
érthetetlen leírás
kedves személyzet
halk hang, sötét képernyő
többé nem jövök
"""

ROMANIAN = """
foarte bun, mulţumesc
nu recomand nimănui
pachetul a ajuns târziu
câinele e fericit
ştiu că e scump
apă rece în cameră
telefonul s-a stricat într-o săptămână
preţ bun, livrare rapidă
cărţi plictisitoare
şi totuşi funcţionează
"""

SPANISH = """
¿Dónde está mi pedido?
muy buena película
llegó tarde y roto
mañana vuelvo
el niño está contento
pésima atención
no funciona, ¡qué pena!
precio razonable según mi opinión
habitación sucia
también más cómodo
la batería dura medio día
el café estaba frío
no volveré a esta tienda
llamé tres veces y nadie contestó
devolución rápida, gracias
el sofá es cómodo
¿por qué tardó una semana?
los niños están felices
un regalo para mi mamá
música demasiado alta
"""

DANISH = """
rigtig god film
dårlig service
kaffen var kold, øv
på tide at gå hjem
værelset var beskidt
jeg køber det igen
børnene elsker det
billig og hurtig, særligt på nettet
åben hele dagen
smør på brød
skærmen gik i stykker
pengene er ikke kommet endnu, prøver igen på mandag
sød betjening
alt for højt
så er det nok
varen kom i går
bøgerne er fulde af fejl
må gerne være større
værste køb i år
lækker mad
"""

PORTUGUESE = """
muito bom, recomendo
não funciona
a entrega não chegou
coração partido
ótimo preço
péssima atenção
você não vai gostar
ação rápida
irmãos satisfeitos
três estações
não recomendo a ninguém
o café estava frio, mas o pão era ótimo
já é a terceira vez
não, não e não
a informação está errada
mãe e irmã gostaram
será que ninguém lê isto?
devolução difícil
lá fora é melhor
só dura um mês
"""

TURKISH = """
çok güzel, teşekkürler
ağır ve pahalı
iyi değil
kargo çok geç geldi
ürün kırık çıktı
herkese öneririm
bir daha gelmem
telefon bir haftada bozuldu
kitap sıkıcı
kahve lezzetli, yer sessiz
oda kirliydi, su soğuktu
oyuncular harikaydı
pil yarım gün gidiyor
çocuğum çok sevdi
paramı iade etmediler
üçüncü kez alıyorum
renk fotoğraftaki gibi değil
rahat koltuk
kılavuz anlaşılmıyor
personel güler yüzlü
"""


ITALIAN = """
La qualità è ottima
Perché non è arrivato?
Così non va più
Però è già rotto
È un bel film
Non è male però
La città è bella
Più che buono, è così
il caffè era freddo
lunedì richiamerò il servizio
non funziona, è una truffa
tornerò di sicuro
la camera è pulita
né buono né cattivo
un regalo per papà
la batteria dura metà giornata
è stato gentilissimo
non si può cambiare taglia
troppa pubblicità
perciò lo restituirò
"""

DUTCH = """
één ster is te veel
de ober was geïrriteerd
heel goede coördinatie
te laat geleverd, geen reactie meer sinds één week
mooie foto’s van België
ik heb twee cafés bezocht
de reünie was geslaagd
vóór vrijdag zou het er zijn
geïnteresseerd in een tweede
prima ideeën, slecht uitgevoerd
"""

FINNISH = """
Hyvä päivä, tämä on väärä tuote
todella hyvä elokuva
en tule enää tähän kauppaan
lähetys tuli myöhässä
näyttö särkyi viikossa
kiitos, kaikki käy hyvin
älä osta tätä
kahvi oli kylmää
mielenkiintoinen työ ja hyvä lopputulos
ystävällinen henkilökunta
"""

SWEDISH = """
Jag är inte nöjd
på lördag går vi dit igen
väldigt bra film
kaffet var kallt och smörgåsen torr
för dyrt för så lite
tack, allt fungerar nu även på natten
två veckor för sent
höll bara en månad
rummet låg mot gården
ännu bättre än förra året
"""

NORWEGIAN = """
jeg ønsker pengene tilbake
veldig god film, også for små barn
går det på lørdag?
kaffen var for søt
været var vår største bekymring
så rask levering har jeg aldri sett før
skoene er to nummer for små
hyggelig betjening, vi kommer på besøk igjen
det står ikke hva jeg må gjøre
lyden er dårlig
"""

ICELANDIC = """
Það er ekki rétt
þetta er bilað
ég vil fá endurgreiðslu
mjög góð mynd
kaffið var kalt
síminn bilaði eftir viku
þjónustan var frábær
bókin er leiðinleg
kem aldrei aftur í þessa búð
takk fyrir, allt virkar núna
"""
"""Written in Windows-1252, as the others of Western Europe."""

ENGLISH = {
    "pounds": "It cost £{n} which is too much|£{n} well spent|refund my £{n}.99 please|worth £{n}",
    "euros": "only {n} €|€{n} for this|I paid €{n}, never again|{n}€ is fine",
    "numbers": "a ½ cup|{n}½ stars|3×{n} cm|±{n} % or so|½ × {n} inches|{n} ± 1 is fair|¼ of it",
    "units": "{n} µm thick|5 ¢ more|only {n}¢|it is {n}° here|{n} °C outside|{n} m²",
    "halves": "a ½ cup|{n}½ stars|½ was missing|about ½ of it",
    "times": "3×{n} cm|2 × {n} is small|{n}× better|read it {n} × already",
    "more or less": "±{n}|± {n} %|{n} ± 1 grams|off by ±{n} minutes",
    "microns": "{n} µm thick|a {n} µl drop|{n}µg a day|only {n} µm",
    "cents": "5 ¢ more|only {n}¢|{n} ¢ each|not worth {n}¢",
    "yen": "¥{n}00 is too much|¥{n} well spent|only {n} ¥",
    "degrees": "it is {n}° here|{n} °C outside|turn it by {n}°|{n}° is too hot",
    "sections": "see § {n}|§{n} says so|§§ {n} and 9|against § {n}",
    "blanks": "good\xa0value {n}|very\xa0\xa0\xa0late {n}|No\xa0{n}|price:\xa0{n}",
    "dashes": "it broke—twice in {n} days|good—really good {n}|no… {n} … yes|late—again {n}",
    "quotes": "“great” {n}|don’t buy {n}|‘fine’ – {n}|it’s “ok” {n}",
    "a few words": "the café was fine {n}|naïve design {n}|a piñata {n}|my fiancée agrees {n}",
}
"""What stands in English texts beyond ASCII; {n} is a number."""


def english(kind: str, many: int) -> list:
    """So many texts of one kind."""
    patterns = ENGLISH[kind].split("|")
    return [patterns[n % len(patterns)].format(n=n + 2) for n in range(many)]


def lines(texts: str) -> list:
    """The opinions of one language, as a list."""
    return texts.strip().splitlines()
