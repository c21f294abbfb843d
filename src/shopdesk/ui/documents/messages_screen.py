"""The messages page: what was sent, what is waiting and what failed, with the server's own reply."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.domain.message import Channel, DeliveryStatus
from shopdesk.queries import outbox as ask
from shopdesk.queries.outbox import NotDelivered
from shopdesk.settings import SmsGateway
from shopdesk.ui.base import display_names, shortcuts, theme, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import as_title, counted, tr
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.documents import messages_model as shown
from shopdesk.ui.documents.messages_model import MessageRow, MessagesModel
from shopdesk.ui.documents.sms_dialog import SmsDialog
from shopdesk.ui.output.export import ExportSource, export_acts
from shopdesk.ui.widgets.banner import Banner
from shopdesk.ui.widgets.buttons import Button, LinkButton
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.focus_order import FocusedPage
from shopdesk.ui.widgets.labels import Label, StateBadge
from shopdesk.ui.widgets.page_parts import Card, EmptyState, Head
from shopdesk.ui.widgets.table import ChoosingTable, RowAct
from shopdesk.usecases import outbox

_NOT_DELIVERED = frozenset(ask.NOT_DELIVERED)


class MessagesScreen(FocusedPage):
    """The list of messages, and below it the details of the chosen one."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Messages"))
        self._context = context
        self._is_stale = True
        self.state = QComboBox()
        self.state.setAccessibleName(tr("State"))
        self._offer_states()
        self.retry_all = Button(tr("Retry all"), self._on_retry_all, icon="retry")
        self.waiting = Label(role="soft")
        self.no_server = Banner()
        self.model = MessagesModel(context, parent=self)
        self.table = ChoosingTable(tr("Messages"), keep="messages", many=True)
        self.table.show_model(self.model)
        self.table.acts = self._acts
        self.foot = Label(role="small")
        self.table.selected_rows_changed.connect(self._show_foot)
        self.empty = EmptyState(
            "messages",
            tr("No messages yet"),
            tr("When a document is issued to a customer who can be reached, its message appears here."),
        )
        self.details = _Details(context, self._on_retry)
        self._lay_out()
        self.begin_at(self.table)
        self.state.currentIndexChanged.connect(lambda _: self._read())
        self.table.chosen.connect(self.details.show_message)
        self.table.opened.connect(lambda row: shown.show_subject(row, context))
        self.model.read.connect(self._on_read)
        self.model.failed.connect(context.report_unanswered)
        context.background.changed.connect(self._on_changed)
        context.settings_changed.connect(self._show_server)
        context.actor_changed.connect(self._show_server)
        shortcuts.bind(self, "refresh", self._refresh)

    def _offer_states(self) -> None:
        self.state.addItem(tr("All states"), frozenset())
        self.state.addItem(tr("Not delivered"), _NOT_DELIVERED)
        for state in DeliveryStatus:
            word = display_names.delivery_status(state).word
            self.state.addItem(as_title(word), frozenset({state}))
        self.state.setMaxVisibleItems(self.state.count())

    def _lay_out(self) -> None:
        head = Head(tr("Messages"))
        head.add_after_title(self.waiting)
        self.prints = LinkButton(tr("Prints of this till"), self._context.navigation.show_prints, icon="print")
        head.add(self.prints)
        head.add(self.state)
        head.add(self.retry_all)
        body = QWidget()
        self._body = QStackedLayout(body)
        self._body.addWidget(self.table)
        self._body.addWidget(self.empty)
        page = QVBoxLayout()
        page.setContentsMargins(tokens.XL, tokens.L, tokens.XL, tokens.L)
        page.setSpacing(tokens.M)
        page.addWidget(head)
        page.addWidget(body, 1)
        page.addWidget(self.foot)
        page.addWidget(self.details)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.no_server)
        column.addLayout(page, 1)

    # --- reading ---

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed while another page was in front."""
        super().showEvent(event)
        self._show_server()
        if self._is_stale:
            self._is_stale = False
            self._read()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "outbox" in tables:
            self._is_stale = not self.isVisible()
            if not self._is_stale:
                self._refresh()

    def _read(self) -> None:
        self.model.show(shown.page, states=self.state.currentData())
        self._count()

    def _refresh(self) -> None:
        self.model.refresh()
        self._count()

    def _count(self) -> None:
        self._context.ask(ask.not_delivered, owner=self, then=self._on_counted)

    # --- showing ---

    def _on_counted(self, left: NotDelivered) -> None:
        look = display_names.not_delivered(left)
        self.waiting.setText(look.word if left.total or self.model.rows else "")
        theme.set_role(self.waiting, look.tone.value if look.tone in {Tone.BAD, Tone.WARN} else "soft")

    def _acts(self, rows: tuple[MessageRow, ...]) -> tuple[RowAct, ...]:
        again = tuple(row for row in rows if shown.can_go_again(row.message))
        why_not = "" if again else tr("This message was delivered or withdrawn, or is being sent.")
        retry = RowAct(label=tr("Retry"), icon="retry", act=lambda: self._retry_each(again), why_not=why_not)
        whole = ExportSource(title=tr("Messages"), query=shown.page, head=shown.file_head(), row=shown.file_row)
        return (retry, *export_acts(self._context, lambda: whole, rows, parent=self))

    def _retry_each(self, rows: tuple[MessageRow, ...]) -> None:
        if len(rows) == 1:
            self._on_retry(rows[0])
            return
        for row in rows:
            if row.message.state is not DeliveryStatus.UNKNOWN:  # this one is asked about, by itself
                self._retry(row)

    def _show_foot(self) -> None:
        """Show how many messages are listed, or how many are selected if there are several."""
        rows, chosen = self.model.rows, self.table.selected
        if len(chosen) > 1:
            text = counted(len(chosen), "{count} message selected", "{count} messages selected")
        elif self.model.is_whole and rows:
            text = counted(len(rows), "{count} message", "{count} messages")
        else:
            count = self._context.format.count(len(rows))
            text = tr("Showing the first {count}. Scroll for more.", count=count) if rows else " "
        self.foot.setText(text)

    def _on_read(self) -> None:
        rows = self.model.rows
        self._show_foot()
        filtered = bool(self.state.currentData())
        if filtered:
            self.empty.set_text(tr("Nothing found"), tr("No message is in this state."))
        else:
            self.empty.set_text(
                tr("No messages yet"),
                tr("When a document is issued to a customer who can be reached, its message appears here."),
            )
        self._body.setCurrentWidget(self.table if rows else self.empty)
        if rows and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        self.details.show_message(self.table.current() if rows else None)

    def _show_server(self) -> None:
        """Show a banner if messages cannot be sent because no mail server or no gateway is set up."""
        channels, settings = self._context.shop.message_channels.channels, self._context.settings
        if Channel.EMAIL in channels and not settings.mail.host:
            self._show_missing(
                tr("Set up mail"),
                tr("No mail server is set up. Messages wait until there is one."),
                tr("No mail server is set up, so messages wait. The owner can set one up in Settings, Mail."),
            )
        elif Channel.SMS in channels and settings.sms.gateway is SmsGateway.NONE:
            self._show_missing(
                tr("Set up text messages"),
                tr("No gateway for text messages is set up. They wait until there is one."),
                tr(
                    "No gateway for text messages is set up, so they wait. The owner can set one up in Settings, Text "
                    "messages."
                ),
            )
        else:
            self.no_server.hide()

    def _show_missing(self, label: str, to_the_owner: str, to_others: str) -> None:
        """Show what is missing, and to who may set it up the way there."""
        if self._context.may(Right.SETTINGS):
            action = NoticeAction(label, lambda: self._context.navigation.show_page(Page.SETTINGS))
            self.no_server.show_message(to_the_owner, action=action)
        else:
            self.no_server.show_message(to_others)

    # --- sending again ---

    def _on_retry(self, row: MessageRow) -> None:
        if row.message.channel is Channel.SMS:
            self._context.ask(ask.text_of, row.key, owner=self, then=lambda text: self._ask_to_text(row, text))
        elif row.message.state is DeliveryStatus.UNKNOWN:
            question = ConfirmDialog(
                tr("Send it again?"),
                text=tr("It is unclear whether the server accepted it. If it did, the customer gets it twice."),
                facts=[(tr("To"), shown.to(row)), (tr("Document"), shown.number(row, self._context))],
                yes=tr("Send again"),
                is_dangerous=True,
                parent=self,
            )
            question.ask(lambda: self._retry(row))
        else:
            self._retry(row)

    def _ask_to_text(self, row: MessageRow, text: str) -> None:
        is_unclear = row.message.state is DeliveryStatus.UNKNOWN
        dialog = SmsDialog(self._context, row.message.recipient, text, is_unclear=is_unclear, parent=self)
        dialog.ask(lambda: self._retry(row))

    def _retry(self, row: MessageRow) -> None:
        self._context.do(outbox.retry, row.key, owner=self, then=self._on_requeued)

    def _on_retry_all(self) -> None:
        self._context.do(outbox.retry_all, owner=self, then=self._on_requeued)

    def _on_requeued(self, count: int) -> None:
        self._context.navigation.resume_sending()
        if count:
            self._context.navigation.notify(
                counted(count, "Sending {count} message again.", "Sending {count} messages again.")
            )
        else:
            self._context.navigation.notify(tr("There is nothing to send again."), tone=Tone.PLAIN)


class _Details(Card):
    """The details of one message, with the server's reply in full."""

    def __init__(
        self, context: Context, retry: Callable[[MessageRow], object], *, parent: QWidget | None = None
    ) -> None:
        super().__init__(spacing=tokens.S, parent=parent)
        self._context = context
        self._row: MessageRow | None = None
        self._retry = retry
        self.setAccessibleName(tr("The chosen message"))
        self.badge = StateBadge()
        self.to = Label(role="strong")
        self.about = Label(role="soft", wrap=True)
        self.said = Label(wrap=True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open = LinkButton("", self._on_open, icon="document")
        self.retry = Button(tr("Retry"), self._on_retry, icon="retry")
        top = QHBoxLayout()
        top.setSpacing(tokens.M)
        top.addWidget(self.badge)
        top.addWidget(self.to, 1)
        top.addWidget(self.open)
        top.addWidget(self.retry)
        self.add(top)
        self.add(self.about)
        self.add(self.said)
        self.hide()

    def show_message(self, row: MessageRow | None) -> None:
        """Show this message; hide the card for None."""
        self._row = row
        self.setVisible(row is not None)
        if row is None:
            return
        message, context = row.message, self._context
        self.badge.show_look(row.look)
        self.to.setText(shown.to(row))
        number = shown.number(row, context)
        self.open.set_label(number)
        self.open.setAccessibleName(tr("Open {number}", number=number))
        facts = [
            shown.occasion(row),
            tr("written {when}", when=context.format.instant(message.created_at)),
            counted(message.attempts, "{count} attempt", "{count} attempts"),
        ]
        if message.sent_at is not None:
            facts.append(tr("accepted by the server {when}", when=context.format.instant(message.sent_at)))
        if following := shown.next_attempt(row, context):
            facts.append(tr("next attempt {when}", when=following))
        self.about.setText(" · ".join(facts))
        self.said.setText(shown.server_answer(row))
        self.said.setAccessibleName(tr("Server reply: {words}", words=shown.server_answer(row)))
        self.said.setVisible(bool(shown.server_answer(row)))
        theme.set_role(self.said, "bad" if message.state in {DeliveryStatus.FAILED, DeliveryStatus.BOUNCED} else "")
        can = shown.can_go_again(message)
        self.retry.setEnabled(can)
        self.retry.setToolTip("" if can else tr("This message was delivered or withdrawn, or is being sent."))

    def _on_open(self) -> None:
        if self._row is not None:
            shown.show_subject(self._row, self._context)

    def _on_retry(self) -> None:
        if self._row is not None:
            self._retry(self._row)
