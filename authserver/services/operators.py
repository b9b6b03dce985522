"""What operators do: services of the core, made when asked for.  See ``own``."""

from functools import cached_property

from authserver.adapters.throttle import Throttle
from authserver.clock import Clock
from authserver.core.administration import Administration
from authserver.core.attention import Attention
from authserver.core.bulk import Bulk
from authserver.core.client_check import ClientCheck
from authserver.core.client_grades import ClientGrades
from authserver.core.client_survey import ClientSurvey
from authserver.core.client_switch import ClientSwitch
from authserver.core.clients import Clients
from authserver.core.detail_types import DetailTypes
from authserver.core.directory import Directory
from authserver.core.doctor import Doctor
from authserver.core.dossier import Dossier
from authserver.core.flow_story import FlowStories
from authserver.core.flows import Flows
from authserver.core.institutions import Institutions
from authserver.core.keys import Keys
from authserver.core.log_export import LogExport
from authserver.core.outbox_retry import OutboxRetry
from authserver.core.outbox_search import OutboxSearch
from authserver.core.overview import Overview
from authserver.core.resources import Resources
from authserver.core.role_catalogue import RoleCatalogue
from authserver.core.session_ending import SessionEnding
from authserver.core.session_search import SessionSearch
from authserver.core.signup import SignUp
from authserver.core.specimens import Specimens
from authserver.core.targeting import Targeting
from authserver.core.user_import import UserImport
from authserver.models import db
from authserver.services.ground import build_doctor
from authserver.services.own import AccountParts


class AdminParts(AccountParts):
    """Of what ``Services`` holds, what operators need."""

    clock: Clock
    signup: SignUp
    throttle: Throttle
    keys: Keys
    clients: Clients

    @property
    def targeting(self) -> Targeting:
        """Decides what tokens are for."""
        return self.tokens.targeting

    @property
    def resources(self) -> Resources:
        """Keeps the APIs that tokens are for."""
        return self.targeting.resources

    @property
    def detail_types(self) -> DetailTypes:
        """Keeps the types of authorization details."""
        return self.targeting.detail_types

    @cached_property
    def specimens(self) -> Specimens:
        """Shows letters, and sends them to be tried."""
        return Specimens(self.clock, self.letters, self.audit)

    @cached_property
    def doctor(self) -> Doctor:
        """Looks at what the node needs."""
        return build_doctor(self.settings, self.clock)

    @cached_property
    def outbox_search(self) -> OutboxSearch:
        """Lists the letters in the outbox."""
        return OutboxSearch(self.reads, self.clock)

    @cached_property
    def outbox_retry(self) -> OutboxRetry:
        """Sends letters again."""
        return OutboxRetry(db.session, self.clock, self.audit)

    @cached_property
    def directory(self) -> Directory:
        """Finds people and reads logs."""
        return Directory(self.reads)

    @cached_property
    def client_check(self) -> ClientCheck:
        """Holds apps against security profiles."""
        return ClientCheck(db.session, self.clock, self.clients, self.audit)

    @cached_property
    def client_grades(self) -> ClientGrades:
        """Grades apps by the specifications."""
        return ClientGrades(self.client_check)

    @cached_property
    def client_switch(self) -> ClientSwitch:
        """Switches apps off and on."""
        return ClientSwitch(
            db.session, self.reads, self.clock, self.clients, self.audit
        )

    @cached_property
    def client_survey(self) -> ClientSurvey:
        """Counts apps that could be stricter."""
        return ClientSurvey(self.reads, self.clock, self.client_check)

    @cached_property
    def log_export(self) -> LogExport:
        """Gives whole logs."""
        return LogExport(self.logs, self.audit)

    @cached_property
    def session_ending(self) -> SessionEnding:
        """Ends other people's sessions."""
        return SessionEnding(db.session, self.sessions, self.whereabouts, self.audit)

    @cached_property
    def session_search(self) -> SessionSearch:
        """Lists everybody's sessions."""
        return SessionSearch(self.reads, self.clock)

    @cached_property
    def overview(self) -> Overview:
        """Counts things."""
        return Overview(self.reads, self.clock)

    @cached_property
    def attention(self) -> Attention:
        """Says what wants somebody to look."""
        return Attention(
            self.reads,
            self.clock,
            self.throttle,
            self.keys,
            self.overview,
            self.client_survey,
        )

    @cached_property
    def flows(self) -> Flows:
        """Notes what apps are refused, and lists it."""
        return Flows(db.session, self.reads, self.clock)

    @cached_property
    def flow_stories(self) -> FlowStories:
        """Tells a flow step by step."""
        return FlowStories(self.reads, self.clock, self.clients)

    @cached_property
    def institutions(self) -> Institutions:
        """Keeps the institutions."""
        return Institutions(db.session, self.clock, self.audit)

    @cached_property
    def role_catalogue(self) -> RoleCatalogue:
        """Keeps the roles."""
        return RoleCatalogue(db.session, self.clock, self.roles, self.audit)

    @cached_property
    def administration(self) -> Administration:
        """Acts on people in an operator's name."""
        return Administration(
            db=db.session,
            clock=self.clock,
            settings=self.settings,
            users=self.users,
            profiles=self.profiles,
            sessions=self.sessions,
            signup=self.signup,
            recovery=self.recovery,
            letters=self.letters,
            challenges=self.challenges,
            roles=self.roles,
            audit=self.audit,
        )

    @cached_property
    def bulk(self) -> Bulk:
        """Does one thing to many people."""
        return Bulk(self.administration)

    @cached_property
    def dossier(self) -> Dossier:
        """Reads what there is of one person."""
        return Dossier(
            db.session, self.passkeys, self.whereabouts, self.app_grants, self.timeline
        )

    @cached_property
    def user_import(self) -> UserImport:
        """Takes over people of other services."""
        return UserImport(
            db.session, self.clock, self.settings, self.cpfs.sealer, self.cpfs
        )
