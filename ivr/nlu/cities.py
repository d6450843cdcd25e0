"""Pure: towns known without a list in the flow, by their usual names; a flow's own list comes before them."""

from collections.abc import Mapping

from ivr.nlu.cleanup import is_chinese

_EN = (
    "London|New York|Los Angeles|Chicago|Houston|Phoenix|Philadelphia|San Antonio|San Diego|Dallas|San Francisco|"
    "Austin|Seattle|Denver|Boston|Washington|Las Vegas|Miami|Atlanta|Detroit|Portland|Minneapolis|Orlando|Cleveland|"
    "Birmingham|Manchester|Liverpool|Leeds|Glasgow|Edinburgh|Bristol|Cardiff|Belfast|Dublin|Paris|Berlin|Madrid|Rome|"
    "Amsterdam|Vienna|Zurich|Toronto|Vancouver|Montreal|Sydney|Melbourne|Brisbane|Perth|Auckland|Singapore|"
    "Hong Kong|Tokyo|Seoul|Beijing|Shanghai|Guangzhou|Shenzhen|Chengdu|Hangzhou|Wuhan|Nanjing|Tianjin|Chongqing|"
    "Delhi|Mumbai|Dubai"
)
_ZH = (
    "北京|上海|广州|深圳|成都|杭州|武汉|南京|天津|重庆|西安|苏州|郑州|长沙|沈阳|青岛|宁波|东莞|无锡|合肥|昆明|大连|福州|厦门|哈尔滨|济南|温州|"
    "南宁|长春|泉州|石家庄|贵阳|南昌|金华|常州|南通|嘉兴|太原|徐州|惠州|珠海|中山|台州|烟台|兰州|绍兴|海口|扬州|乌鲁木齐|呼和浩特|"
    "银川|西宁|拉萨|洛阳|桂林|三亚|香港|澳门|台北"
)
_ALSO = {"New York": ("new york city",), "Los Angeles": ("l a",), "Washington": ("washington d c",)}


def known_cities(language: str) -> Mapping[str, tuple[str, ...]]:
    """Names and other ways to say them."""
    if is_chinese(language):
        return {name: (name + "市",) for name in _ZH.split("|")}
    return {name: _ALSO.get(name, ()) for name in _EN.split("|")}
