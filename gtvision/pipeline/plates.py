"""One plate for one vehicle, from all readings of it."""

from gtvision.domain.kinds import Kind
from gtvision.domain.plate import Plate, PlateFormat, Reading
from gtvision.pipeline.plate_ballots import Ballot, Ballots

_MOST_CLUSTERS = 8
_OUTWEIGHS = 1.5
_FRAGMENT = 0.25
_SETTLED_READINGS = 3
_SETTLED_SCORE = 0.8
_SETTLED_LEAD = 2.0


class PlateVote:
    """The election of one vehicle's plate.

    Readings that differ in a few places are ballots on one plate; others are of another: of the vehicle behind, of an
    advertisement, or of a plate that was cut off. Each place of a plate is elected by itself, for each format that the
    plate may have, weighted by the confidence of the character and the sharpness of the picture. The heaviest plate
    that two readings agree on, or that one read beyond doubt, is published; another text follows only when it clearly
    outweighs it. All that is kept is bounded.
    """

    def __init__(self) -> None:
        self._clusters: list[Ballots] = []
        self._home: Ballots | None = None
        self._plate: Plate | None = None
        self._rival = 0.0

    @property
    def plate(self) -> Plate | None:
        """The vehicle's plate as far as it is known, None before enough readings agree."""
        return self._plate

    @property
    def is_settled(self) -> bool:
        """Whether so many readings agree, and so few on another plate, that further pictures need not be read."""
        home, plate = self._home, self._plate
        if home is None or plate is None or home.weight < _SETTLED_LEAD * self._rival:
            return False
        return plate.readings >= _SETTLED_READINGS and plate.score >= _SETTLED_SCORE

    def agrees(self, reading: Reading) -> bool:
        """Whether the reading is one of the published plate, so that its picture shows that plate."""
        return self._plate is not None and self._plate.text in Ballot.of(reading).texts

    def see(self, reading: Reading, kind: Kind | None = None) -> None:
        """Counts a reading of the vehicle, which is of that kind as far as is known."""
        ballot = Ballot.of(reading, kind)
        if ballot.weight > 0:
            self._cluster_of(ballot).cast(ballot)
            self._publish()

    def _cluster_of(self, ballot: Ballot) -> Ballots:
        near = [(unlike, i) for i, one in enumerate(self._clusters) if (unlike := one.unlike(ballot)) is not None]
        if near:
            return self._clusters[min(near)[1]]
        if len(self._clusters) == _MOST_CLUSTERS:
            others = [cluster for cluster in self._clusters if cluster is not self._home]
            self._clusters.remove(min(others, key=lambda cluster: cluster.weight))
        self._clusters.append(Ballots(ballot.seen, ballot.is_foreign))
        return self._clusters[-1]

    def _publish(self) -> None:
        agreed = [(cluster, plate) for cluster in self._clusters if (plate := cluster.agreed()) is not None]
        brazilian = [plate.text for _, plate in agreed if plate.format is not PlateFormat.OTHER]
        weighed = [
            (_weight(cluster, plate, brazilian), cluster, plate)
            for cluster, plate in agreed
            if not self._is_cut_off(cluster, plate.text)
        ]
        weight, best, plate = max(weighed, key=lambda one: one[0], default=(0.0, None, None))
        home, before = self._home, self._plate
        if home and before and (best is home or weight <= _OUTWEIGHS * _weight(home, before, brazilian)):
            self._plate = home.follow(before)
        else:
            self._home, self._plate = best, plate
        self._rival = max((weight for weight, cluster, _ in weighed if cluster is not self._home), default=0.0)

    def _is_cut_off(self, cluster: Ballots, text: str) -> bool:
        """Whether readings that weigh as much say that the plate has more characters."""
        return any(_lacks(text, one.lead) and one.weight >= cluster.weight for one in self._clusters)


def _weight(cluster: Ballots, plate: Plate, brazilian: list[str]) -> float:
    """What a plate weighs: little when it is a Brazilian one with characters missing, since it was cut off then."""
    is_other = plate.format is PlateFormat.OTHER
    return cluster.weight * (_FRAGMENT if is_other and any(_lacks(plate.text, text) for text in brazilian) else 1.0)


def _lacks(text: str, whole: str) -> bool:
    """Whether the text is the other one with characters missing."""
    rest = iter(whole)
    return len(text) < len(whole) and all(char in rest for char in text)
