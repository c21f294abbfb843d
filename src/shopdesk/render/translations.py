"""Translations of the fixed texts on paper and in messages, in the customer's language.

To add a language: 1. copy ``_EN`` and translate every line (keep the placeholders in braces); 2. add it to ``WORDINGS``
at the end; 3. run tests/render, which compare the placeholders and lay out every kind of document in every language. A
language without a translation gets English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shopdesk.domain.document import Kind
from shopdesk.domain.message import MessageReason
from shopdesk.domain.payment import Method
from shopdesk.domain.tax import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The subject and first sentence of a message, with placeholders ``{kind}``, ``{number}`` and ``{shop}``."""

    subject: str
    opening: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The fixed texts of one language. ``language`` is its ISO 639 code."""

    language: str
    kinds: Mapping[Kind, str]
    methods: Mapping[Method, str]
    categories: Mapping[Category, str]
    customer: str
    tax_id: str
    date: str
    due_date: str
    valid_until: str
    served_by: str
    item: str
    quantity: str
    unit_price: str
    discount: str
    tax: str
    tax_rate: str
    amount: str
    subtotal: str
    net: str
    gross: str
    total: str
    prices_with_tax: str
    prices_without_tax: str
    rounding: str
    change: str
    paid: str
    due: str
    refund: str
    refunded: str
    to_refund: str
    note: str
    credit_for: str
    credit_for_earlier: str
    replaces: str
    replaces_earlier: str
    corrected_by: str
    corrected: str
    voided: str
    thanks: str
    page: str
    greeting: str
    letters: Mapping[MessageReason, Letter]
    """For orders: invoices and receipts."""
    other_letters: Mapping[MessageReason, Letter]
    """For other documents: quotes, debit notes and credit notes."""
    credited: Letter
    """For the credit note that cancels an order."""
    more_items: str
    attached: str
    questions: str


def wording(language: str) -> Wording:
    """Return the texts for a BCP 47 language tag; English if there is no translation."""
    code = language.replace("_", "-").partition("-")[0].strip().lower()
    return WORDINGS.get({"iw": "he"}.get(code, code), WORDINGS["en"])


_EN = Wording(
    language="en",
    kinds={
        Kind.INVOICE: "Invoice",
        Kind.RECEIPT: "Receipt",
        Kind.DEBIT_NOTE: "Debit note",
        Kind.CREDIT_NOTE: "Credit note",
        Kind.QUOTE: "Quote",
    },
    methods={
        Method.CASH: "Cash",
        Method.CARD: "Card",
        Method.TRANSFER: "Bank transfer",
        Method.OTHER: "Other payment",
        Method.OFFSET: "Offset against another document",
    },
    categories={
        Category.EXEMPT: "Exempt from tax",
        Category.REVERSE_CHARGE: "Reverse charge",
        Category.OUTSIDE: "Outside the scope of tax",
    },
    customer="Customer",
    tax_id="Tax ID",
    date="Date",
    due_date="Due date",
    valid_until="Valid until",
    served_by="Served by",
    item="Item",
    quantity="Qty",
    unit_price="Unit price",
    discount="Discount",
    tax="Tax",
    tax_rate="Rate",
    amount="Amount",
    subtotal="Subtotal",
    net="Net",
    gross="Gross",
    total="Total",
    prices_with_tax="Prices include tax.",
    prices_without_tax="Prices do not include tax.",
    rounding="Cash rounding",
    change="Change",
    paid="Paid",
    due="Due",
    refund="Refund",
    refunded="Refunded",
    to_refund="To be refunded",
    note="Note",
    credit_for="Credit note for {number}",
    credit_for_earlier="Gives back an earlier document",
    replaces="Replaces {number}",
    replaces_earlier="Replaces an earlier document",
    corrected_by="Corrected by {number}",
    corrected="Corrected by another document",
    voided="Voided",
    thanks="Thank you for your purchase!",
    page="Page {page} of {pages}",
    greeting="Hello {name},",
    letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="Your order {number} has been placed",
            opening="Your order has been placed. Thank you for shopping at {shop}.",
        ),
        MessageReason.CORRECTED: Letter(
            subject="Your order {number} has been corrected",
            opening="Your order has been corrected. This is how it stands now; earlier messages no longer hold.",
        ),
        MessageReason.VOIDED: Letter(
            subject="Your order {number} has been cancelled",
            opening="Your order has been cancelled. The document {number} is void.",
        ),
    },
    other_letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="{kind} {number} from {shop}", opening="Here is a document for you: {kind} {number}."
        ),
        MessageReason.CORRECTED: Letter(
            subject="Corrected: {kind} {number}",
            opening="The document {number} has been corrected. This is how it stands now.",
        ),
        MessageReason.VOIDED: Letter(subject="Void: {kind} {number}", opening="The document {number} is void."),
    },
    credited=Letter(
        subject="Your order has been cancelled: {number}",
        opening="Your order has been cancelled. This document takes it back: {kind} {number}.",
    ),
    more_items="… and {count} more",
    attached="The document is attached as a PDF file.",
    questions="Questions? You reach us here:",
)

_DE = Wording(
    language="de",
    kinds={
        Kind.INVOICE: "Rechnung",
        Kind.RECEIPT: "Quittung",
        Kind.DEBIT_NOTE: "Belastungsanzeige",
        # Not "Gutschrift": § 14 (2) UStG reserves that word for invoices issued by the buyer.
        Kind.CREDIT_NOTE: "Rechnungskorrektur",
        Kind.QUOTE: "Angebot",
    },
    methods={
        Method.CASH: "Bar",
        Method.CARD: "Karte",
        Method.TRANSFER: "Überweisung",
        Method.OTHER: "Andere Zahlung",
        Method.OFFSET: "Verrechnet mit anderem Beleg",
    },
    categories={
        Category.EXEMPT: "Steuerfrei",
        Category.REVERSE_CHARGE: "Steuerschuldnerschaft des Leistungsempfängers",
        Category.OUTSIDE: "Nicht steuerbar",
    },
    customer="Kunde",
    tax_id="Steuernummer",
    date="Datum",
    due_date="Zahlbar bis",
    valid_until="Gültig bis",
    served_by="Bedient von",
    item="Artikel",
    quantity="Menge",
    unit_price="Einzelpreis",
    discount="Rabatt",
    tax="MwSt.",
    tax_rate="Satz",
    amount="Betrag",
    subtotal="Zwischensumme",
    net="Netto",
    gross="Brutto",
    total="Gesamt",
    prices_with_tax="Preise enthalten die Mehrwertsteuer.",
    prices_without_tax="Preise ohne Mehrwertsteuer.",
    rounding="Rundung",
    change="Rückgeld",
    paid="Bezahlt",
    due="Offen",
    refund="Auszahlung",
    refunded="Ausgezahlt",
    to_refund="Auszuzahlen",
    note="Bemerkung",
    credit_for="Korrektur zu {number}",
    credit_for_earlier="Korrektur eines früheren Belegs",
    replaces="Ersetzt {number}",
    replaces_earlier="Ersetzt einen früheren Beleg",
    corrected_by="Korrigiert durch {number}",
    corrected="Durch einen anderen Beleg korrigiert",
    voided="Storniert",
    thanks="Vielen Dank für Ihren Einkauf!",
    page="Seite {page} von {pages}",
    greeting="Guten Tag {name},",
    letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="Ihre Bestellung {number} ist eingegangen",
            opening="Ihre Bestellung ist eingegangen. Vielen Dank für Ihren Einkauf bei {shop}.",
        ),
        MessageReason.CORRECTED: Letter(
            subject="Ihre Bestellung {number} wurde korrigiert",
            opening="Ihre Bestellung wurde korrigiert. Dies ist der neue Stand; frühere Nachrichten gelten nicht mehr.",
        ),
        MessageReason.VOIDED: Letter(
            subject="Ihre Bestellung {number} wurde storniert",
            opening="Ihre Bestellung wurde storniert. Der Beleg {number} ist ungültig.",
        ),
    },
    other_letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="{kind} {number} von {shop}", opening="Hier ist ein Beleg für Sie: {kind} {number}."
        ),
        MessageReason.CORRECTED: Letter(
            subject="Korrigiert: {kind} {number}",
            opening="Der Beleg {number} wurde korrigiert. Dies ist der neue Stand.",
        ),
        MessageReason.VOIDED: Letter(subject="Storniert: {kind} {number}", opening="Der Beleg {number} ist ungültig."),
    },
    credited=Letter(
        subject="Ihre Bestellung wurde storniert: {number}",
        opening="Ihre Bestellung wurde storniert. Dieser Beleg nimmt sie zurück: {kind} {number}.",
    ),
    more_items="… und {count} weitere",
    attached="Der Beleg liegt als PDF-Datei bei.",
    questions="Fragen? So erreichen Sie uns:",
)

_FR = Wording(
    language="fr",
    kinds={
        Kind.INVOICE: "Facture",
        Kind.RECEIPT: "Reçu",
        Kind.DEBIT_NOTE: "Note de débit",
        Kind.CREDIT_NOTE: "Avoir",
        Kind.QUOTE: "Devis",
    },
    methods={
        Method.CASH: "Espèces",
        Method.CARD: "Carte",
        Method.TRANSFER: "Virement",
        Method.OTHER: "Autre paiement",
        Method.OFFSET: "Compensé avec un autre document",
    },
    categories={
        Category.EXEMPT: "Exonéré de taxe",
        Category.REVERSE_CHARGE: "Autoliquidation",
        Category.OUTSIDE: "Hors champ de la taxe",
    },
    customer="Client",
    tax_id="N° fiscal",
    date="Date",
    due_date="Échéance",
    valid_until="Valable jusqu’au",
    served_by="Servi par",
    item="Article",
    quantity="Qté",
    unit_price="Prix unitaire",
    discount="Remise",
    tax="TVA",
    tax_rate="Taux",
    amount="Montant",
    subtotal="Sous-total",
    net="HT",
    gross="TTC",
    total="Total",
    prices_with_tax="Prix TTC.",
    prices_without_tax="Prix HT.",
    rounding="Arrondi espèces",
    change="Monnaie rendue",
    paid="Payé",
    due="Reste à payer",
    refund="Remboursement",
    refunded="Remboursé",
    to_refund="À rembourser",
    note="Remarque",
    credit_for="Avoir sur {number}",
    credit_for_earlier="Annule un document antérieur",
    replaces="Remplace {number}",
    replaces_earlier="Remplace un document antérieur",
    corrected_by="Corrigé par {number}",
    corrected="Corrigé par un autre document",
    voided="Annulé",
    thanks="Merci de votre achat !",
    page="Page {page} sur {pages}",
    greeting="Bonjour {name},",
    letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="Votre commande {number} est enregistrée",
            opening="Votre commande est enregistrée. Merci de votre achat chez {shop}.",
        ),
        MessageReason.CORRECTED: Letter(
            subject="Votre commande {number} a été corrigée",
            opening="Votre commande a été corrigée. Voici son état actuel ; les messages précédents ne valent plus.",
        ),
        MessageReason.VOIDED: Letter(
            subject="Votre commande {number} a été annulée",
            opening="Votre commande a été annulée. Le document {number} n’est plus valable.",
        ),
    },
    other_letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="{kind} {number} de {shop}", opening="Voici un document pour vous : {kind} {number}."
        ),
        MessageReason.CORRECTED: Letter(
            subject="Corrigé : {kind} {number}",
            opening="Le document {number} a été corrigé. Voici son état actuel.",
        ),
        MessageReason.VOIDED: Letter(
            subject="Annulé : {kind} {number}", opening="Le document {number} n’est plus valable."
        ),
    },
    credited=Letter(
        subject="Votre commande a été annulée : {number}",
        opening="Votre commande a été annulée. Ce document l’annule : {kind} {number}.",
    ),
    more_items="… et {count} de plus",
    attached="Le document est joint en PDF.",
    questions="Une question ? Vous nous joignez ici :",
)

_ES = Wording(
    language="es",
    kinds={
        Kind.INVOICE: "Factura",
        Kind.RECEIPT: "Recibo",
        Kind.DEBIT_NOTE: "Nota de débito",
        Kind.CREDIT_NOTE: "Nota de crédito",
        Kind.QUOTE: "Presupuesto",
    },
    methods={
        Method.CASH: "Efectivo",
        Method.CARD: "Tarjeta",
        Method.TRANSFER: "Transferencia",
        Method.OTHER: "Otro pago",
        Method.OFFSET: "Compensado con otro documento",
    },
    categories={
        Category.EXEMPT: "Exento de impuesto",
        Category.REVERSE_CHARGE: "Inversión del sujeto pasivo",
        Category.OUTSIDE: "No sujeto a impuesto",
    },
    customer="Cliente",
    tax_id="N.º fiscal",
    date="Fecha",
    due_date="Vencimiento",
    valid_until="Válido hasta",
    served_by="Atendido por",
    item="Artículo",
    quantity="Cant.",
    unit_price="Precio unitario",
    discount="Descuento",
    tax="Impuesto",
    tax_rate="Tipo",
    amount="Importe",
    subtotal="Subtotal",
    net="Base",
    gross="Con impuesto",
    total="Total",
    prices_with_tax="Precios con impuesto incluido.",
    prices_without_tax="Precios sin impuesto.",
    rounding="Redondeo",
    change="Cambio",
    paid="Pagado",
    due="Pendiente",
    refund="Devolución",
    refunded="Devuelto",
    to_refund="A devolver",
    note="Nota",
    credit_for="Nota de crédito de {number}",
    credit_for_earlier="Anula un documento anterior",
    replaces="Sustituye a {number}",
    replaces_earlier="Sustituye a un documento anterior",
    corrected_by="Corregido por {number}",
    corrected="Corregido por otro documento",
    voided="Anulado",
    thanks="¡Gracias por su compra!",
    page="Página {page} de {pages}",
    greeting="Hola, {name}:",
    letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="Hemos recibido su pedido {number}",
            opening="Hemos recibido su pedido. Gracias por comprar en {shop}.",
        ),
        MessageReason.CORRECTED: Letter(
            subject="Su pedido {number} ha sido corregido",
            opening="Su pedido ha sido corregido. Así queda ahora; los mensajes anteriores ya no son válidos.",
        ),
        MessageReason.VOIDED: Letter(
            subject="Su pedido {number} ha sido cancelado",
            opening="Su pedido ha sido cancelado. El documento {number} queda anulado.",
        ),
    },
    other_letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="{kind} {number} de {shop}", opening="Aquí tiene un documento para usted: {kind} {number}."
        ),
        MessageReason.CORRECTED: Letter(
            subject="Corregido: {kind} {number}",
            opening="El documento {number} ha sido corregido. Así queda ahora.",
        ),
        MessageReason.VOIDED: Letter(
            subject="Anulado: {kind} {number}", opening="El documento {number} queda anulado."
        ),
    },
    credited=Letter(
        subject="Su pedido ha sido cancelado: {number}",
        opening="Su pedido ha sido cancelado. Este documento lo anula: {kind} {number}.",
    ),
    more_items="… y {count} más",
    attached="El documento va adjunto en PDF.",
    questions="¿Preguntas? Puede encontrarnos aquí:",
)

_SW = Wording(
    language="sw",
    kinds={
        Kind.INVOICE: "Ankara",
        Kind.RECEIPT: "Risiti",
        Kind.DEBIT_NOTE: "Hati ya debiti",
        Kind.CREDIT_NOTE: "Hati ya krediti",
        Kind.QUOTE: "Nukuu ya bei",
    },
    methods={
        Method.CASH: "Taslimu",
        Method.CARD: "Kadi",
        Method.TRANSFER: "Uhamisho wa benki",
        Method.OTHER: "Malipo mengine",
        Method.OFFSET: "Imehamishwa kwenye hati nyingine",
    },
    categories={
        Category.EXEMPT: "Imesamehewa kodi",
        Category.REVERSE_CHARGE: "Kodi hulipwa na mnunuzi",
        Category.OUTSIDE: "Haitozwi kodi",
    },
    customer="Mteja",
    tax_id="Namba ya mlipakodi",
    date="Tarehe",
    due_date="Lipa kabla ya",
    valid_until="Halali hadi",
    served_by="Umehudumiwa na",
    item="Bidhaa",
    quantity="Idadi",
    unit_price="Bei ya moja",
    discount="Punguzo",
    tax="Kodi",
    tax_rate="Kiwango",
    amount="Kiasi",
    subtotal="Jumla ndogo",
    net="Bila kodi",
    gross="Pamoja na kodi",
    total="Jumla",
    prices_with_tax="Bei zinajumuisha kodi.",
    prices_without_tax="Bei hazijumuishi kodi.",
    rounding="Kukamilisha taslimu",
    change="Chenji",
    paid="Imelipwa",
    due="Inadaiwa",
    refund="Marejesho",
    refunded="Imerejeshwa",
    to_refund="Ya kurejeshwa",
    note="Maelezo",
    credit_for="Hati ya krediti kwa {number}",
    credit_for_earlier="Inabatilisha hati ya awali",
    replaces="Inachukua nafasi ya {number}",
    replaces_earlier="Inachukua nafasi ya hati ya awali",
    corrected_by="Imesahihishwa na {number}",
    corrected="Imesahihishwa na hati nyingine",
    voided="Imebatilishwa",
    thanks="Asante kwa ununuzi wako!",
    page="Ukurasa {page} kati ya {pages}",
    greeting="Habari {name},",
    letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="Agizo lako {number} limepokelewa",
            opening="Agizo lako limepokelewa. Asante kwa kununua {shop}.",
        ),
        MessageReason.CORRECTED: Letter(
            subject="Agizo lako {number} limesahihishwa",
            opening="Agizo lako limesahihishwa. Hivi ndivyo lilivyo sasa; ujumbe wa awali hautumiki tena.",
        ),
        MessageReason.VOIDED: Letter(
            subject="Agizo lako {number} limeghairiwa",
            opening="Agizo lako limeghairiwa. Hati {number} imebatilishwa.",
        ),
    },
    other_letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="{kind} {number} kutoka {shop}", opening="Hii hapa hati yako: {kind} {number}."
        ),
        MessageReason.CORRECTED: Letter(
            subject="Imesahihishwa: {kind} {number}",
            opening="Hati {number} imesahihishwa. Hivi ndivyo ilivyo sasa.",
        ),
        MessageReason.VOIDED: Letter(subject="Imebatilishwa: {kind} {number}", opening="Hati {number} imebatilishwa."),
    },
    credited=Letter(
        subject="Agizo lako limeghairiwa: {number}",
        opening="Agizo lako limeghairiwa. Hati hii inalibatilisha: {kind} {number}.",
    ),
    more_items="… na nyingine {count}",
    attached="Hati imeambatishwa kama faili ya PDF.",
    questions="Una swali? Wasiliana nasi hapa:",
)

_AR = Wording(
    language="ar",
    kinds={
        Kind.INVOICE: "فاتورة",
        Kind.RECEIPT: "إيصال",
        Kind.DEBIT_NOTE: "إشعار مدين",
        Kind.CREDIT_NOTE: "إشعار دائن",
        Kind.QUOTE: "عرض سعر",
    },
    methods={
        Method.CASH: "نقدًا",
        Method.CARD: "بطاقة",
        Method.TRANSFER: "تحويل بنكي",
        Method.OTHER: "دفعة أخرى",
        Method.OFFSET: "مقاصة مع مستند آخر",
    },
    categories={
        Category.EXEMPT: "معفى من الضريبة",
        Category.REVERSE_CHARGE: "احتساب عكسي",
        Category.OUTSIDE: "خارج نطاق الضريبة",
    },
    customer="العميل",
    tax_id="الرقم الضريبي",
    date="التاريخ",
    due_date="تاريخ الاستحقاق",
    valid_until="صالح حتى",
    served_by="خدمكم",
    item="الصنف",
    quantity="الكمية",
    unit_price="سعر الوحدة",
    discount="الخصم",
    tax="الضريبة",
    tax_rate="النسبة",
    amount="المبلغ",
    subtotal="المجموع الفرعي",
    net="الصافي",
    gross="شامل الضريبة",
    total="الإجمالي",
    prices_with_tax="الأسعار شاملة الضريبة.",
    prices_without_tax="الأسعار غير شاملة الضريبة.",
    rounding="تقريب النقد",
    change="الباقي",
    paid="المدفوع",
    due="المستحق",
    refund="رد المبلغ",
    refunded="المبلغ المردود",
    to_refund="المبلغ الواجب رده",
    note="ملاحظة",
    credit_for="إشعار دائن للمستند {number}",
    credit_for_earlier="يلغي مستندًا سابقًا",
    replaces="يحل محل {number}",
    replaces_earlier="يحل محل مستند سابق",
    corrected_by="صُحِّح بالمستند {number}",
    corrected="صُحِّح بمستند آخر",
    voided="ملغى",
    thanks="شكرًا لتسوقكم معنا!",
    page="صفحة {page} من {pages}",
    greeting="مرحبًا {name}،",
    letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="تم استلام طلبكم {number}",
            opening="تم استلام طلبكم. شكرًا لتسوقكم لدى {shop}.",
        ),
        MessageReason.CORRECTED: Letter(
            subject="تم تصحيح طلبكم {number}",
            opening="تم تصحيح طلبكم. هذه حالته الآن، ولم تعد الرسائل السابقة سارية.",
        ),
        MessageReason.VOIDED: Letter(
            subject="تم إلغاء طلبكم {number}",
            opening="تم إلغاء طلبكم. المستند {number} لاغٍ.",
        ),
    },
    other_letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="{kind} {number} من {shop}", opening="هذا مستند لكم: {kind} {number}."
        ),
        MessageReason.CORRECTED: Letter(
            subject="تصحيح: {kind} {number}",
            opening="تم تصحيح المستند {number}. هذه حالته الآن.",
        ),
        MessageReason.VOIDED: Letter(subject="ملغى: {kind} {number}", opening="المستند {number} لاغٍ."),
    },
    credited=Letter(
        subject="تم إلغاء طلبكم: {number}",
        opening="تم إلغاء طلبكم. هذا المستند يلغيه: {kind} {number}.",
    ),
    more_items="… و{count} غيرها",
    attached="المستند مرفق بصيغة PDF.",
    questions="لأي استفسار يمكنكم التواصل معنا:",
)

_HE = Wording(
    language="he",
    kinds={
        Kind.INVOICE: "חשבונית",
        Kind.RECEIPT: "קבלה",
        Kind.DEBIT_NOTE: "הודעת חיוב",
        Kind.CREDIT_NOTE: "חשבונית זיכוי",
        Kind.QUOTE: "הצעת מחיר",
    },
    methods={
        Method.CASH: "מזומן",
        Method.CARD: "כרטיס",
        Method.TRANSFER: "העברה בנקאית",
        Method.OTHER: "תשלום אחר",
        Method.OFFSET: "קיזוז מול מסמך אחר",
    },
    categories={
        Category.EXEMPT: "פטור ממס",
        Category.REVERSE_CHARGE: "חיוב הפוך",
        Category.OUTSIDE: "מחוץ לתחולת המס",
    },
    customer="לקוח",
    tax_id="מספר עוסק",
    date="תאריך",
    due_date="לתשלום עד",
    valid_until="בתוקף עד",
    served_by="שירת אתכם",
    item="פריט",
    quantity="כמות",
    unit_price="מחיר ליחידה",
    discount="הנחה",
    tax="מע״מ",
    tax_rate="שיעור",
    amount="סכום",
    subtotal="סכום ביניים",
    net="לפני מע״מ",
    gross="כולל מע״מ",
    total="סה״כ",
    prices_with_tax="המחירים כוללים מע״מ.",
    prices_without_tax="המחירים אינם כוללים מע״מ.",
    rounding="עיגול מזומן",
    change="עודף",
    paid="שולם",
    due="לתשלום",
    refund="החזר",
    refunded="הוחזר",
    to_refund="להחזר",
    note="הערה",
    credit_for="זיכוי עבור {number}",
    credit_for_earlier="מזכה מסמך קודם",
    replaces="מחליף את {number}",
    replaces_earlier="מחליף מסמך קודם",
    corrected_by="תוקן על ידי {number}",
    corrected="תוקן על ידי מסמך אחר",
    voided="מבוטל",
    thanks="תודה על הקנייה!",
    page="עמוד {page} מתוך {pages}",
    greeting="שלום {name},",
    letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="ההזמנה שלך {number} התקבלה",
            opening="ההזמנה שלך התקבלה. תודה שקנית אצל {shop}.",
        ),
        MessageReason.CORRECTED: Letter(
            subject="ההזמנה שלך {number} תוקנה",
            opening="ההזמנה שלך תוקנה. זה מצבה כעת; הודעות קודמות לגביה אינן תקפות עוד.",
        ),
        MessageReason.VOIDED: Letter(
            subject="ההזמנה שלך {number} בוטלה",
            opening="ההזמנה שלך בוטלה. המסמך {number} מבוטל.",
        ),
    },
    other_letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="{kind} {number} מאת {shop}", opening="הנה מסמך עבורך: {kind} {number}."
        ),
        MessageReason.CORRECTED: Letter(
            subject="תיקון: {kind} {number}",
            opening="המסמך {number} תוקן. זה מצבו כעת.",
        ),
        MessageReason.VOIDED: Letter(subject="ביטול: {kind} {number}", opening="המסמך {number} מבוטל."),
    },
    credited=Letter(
        subject="ההזמנה שלך בוטלה: {number}",
        opening="ההזמנה שלך בוטלה. המסמך הזה מזכה אותה: {kind} {number}.",
    ),
    more_items="… ועוד {count}",
    attached="המסמך מצורף כקובץ PDF.",
    questions="שאלות? אפשר לפנות אלינו כאן:",
)

_PL = Wording(
    language="pl",
    kinds={
        Kind.INVOICE: "Faktura",
        Kind.RECEIPT: "Paragon",
        Kind.DEBIT_NOTE: "Nota obciążeniowa",
        Kind.CREDIT_NOTE: "Faktura korygująca",
        Kind.QUOTE: "Oferta",
    },
    methods={
        Method.CASH: "Gotówka",
        Method.CARD: "Karta",
        Method.TRANSFER: "Przelew",
        Method.OTHER: "Inna płatność",
        Method.OFFSET: "Rozliczono z innym dokumentem",
    },
    categories={
        Category.EXEMPT: "Zwolnione z podatku",
        Category.REVERSE_CHARGE: "Odwrotne obciążenie",
        Category.OUTSIDE: "Nie podlega opodatkowaniu",
    },
    customer="Nabywca",
    tax_id="NIP",
    date="Data",
    due_date="Termin płatności",
    valid_until="Ważna do",
    served_by="Obsługa",
    item="Towar",
    quantity="Ilość",
    unit_price="Cena jedn.",
    discount="Rabat",
    tax="VAT",
    tax_rate="Stawka",
    amount="Wartość",
    subtotal="Suma częściowa",
    net="Netto",
    gross="Brutto",
    total="Razem",
    prices_with_tax="Ceny zawierają podatek.",
    prices_without_tax="Ceny bez podatku.",
    rounding="Zaokrąglenie gotówki",
    change="Reszta",
    paid="Zapłacono",
    due="Do zapłaty",
    refund="Zwrot",
    refunded="Zwrócono",
    to_refund="Do zwrotu",
    note="Uwagi",
    credit_for="Korekta do {number}",
    credit_for_earlier="Koryguje wcześniejszy dokument",
    replaces="Zastępuje {number}",
    replaces_earlier="Zastępuje wcześniejszy dokument",
    corrected_by="Skorygowano przez {number}",
    corrected="Skorygowano innym dokumentem",
    voided="Anulowano",
    thanks="Dziękujemy za zakupy!",
    page="Strona {page} z {pages}",
    greeting="Dzień dobry {name},",
    letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="Zamówienie {number} zostało przyjęte",
            opening="Zamówienie zostało przyjęte. Dziękujemy za zakupy w {shop}.",
        ),
        MessageReason.CORRECTED: Letter(
            subject="Zamówienie {number} zostało poprawione",
            opening="Zamówienie zostało poprawione. Oto jego stan obecny; wcześniejsze wiadomości są nieaktualne.",
        ),
        MessageReason.VOIDED: Letter(
            subject="Zamówienie {number} zostało anulowane",
            opening="Zamówienie zostało anulowane. Dokument {number} jest nieważny.",
        ),
    },
    other_letters={
        MessageReason.ORDER_PLACED: Letter(
            subject="{kind} {number} od {shop}", opening="Oto dokument dla Państwa: {kind} {number}."
        ),
        MessageReason.CORRECTED: Letter(
            subject="Poprawiono: {kind} {number}",
            opening="Dokument {number} został poprawiony. Oto jego stan obecny.",
        ),
        MessageReason.VOIDED: Letter(subject="Anulowano: {kind} {number}", opening="Dokument {number} jest nieważny."),
    },
    credited=Letter(
        subject="Zamówienie zostało anulowane: {number}",
        opening="Zamówienie zostało anulowane. Ten dokument je cofa: {kind} {number}.",
    ),
    more_items="… i {count} więcej",
    attached="Dokument jest w załączniku jako plik PDF.",
    questions="Pytania? Kontakt z nami:",
)

WORDINGS: Mapping[str, Wording] = MappingProxyType(
    {words.language: words for words in (_EN, _DE, _FR, _ES, _SW, _AR, _HE, _PL)}
)
