"""How callers ask for a person, politely, angrily, in a roundabout way; and sentences that only sound like it.

Written before the patterns that read them. `HELD_OUT` was not looked at while those were made.
"""

ASKS_EN = """
let me talk to someone who works there
is there anyone I can speak to
is there somebody I could talk to about this
get me a real person
I don't want to talk to a machine
can I speak to a human being please
I'd like to speak with someone
could you put me through to somebody
put me through to a colleague please
may I talk to one of your colleagues
I need to talk to an actual human
I want a real human not a computer
stop this and give me a person
just connect me with a person already
can you transfer me to an agent
would it be possible to speak to someone
could I possibly talk to a member of staff
I would rather speak to a person
I'd prefer to talk to a human
I'd sooner talk to a real person
I hate talking to machines
I'm sick of talking to a robot
I'm not talking to a robot
I refuse to speak to a computer
this is ridiculous get me a human
for God's sake let me talk to someone
enough I want an operator
can somebody help me please not a bot
isn't there anyone there I can talk to
is anybody real there
are there any real people there
do you have any humans working there
how do I get to a human
how can I reach a real person
how do I speak to an agent
where can I talk to a person
what do I have to do to speak to a person
what number do I press for an operator
who can I talk to
who can I speak to about this
I'd like to be connected to an agent
please hand me over to a colleague
pass me on to someone who can help
I want to be transferred to a representative
I need help from a real person
I want to speak to your manager
let me speak to your supervisor
can I have a word with someone
can I get someone on the line
get somebody on the phone
I need a live agent
live person now
representative please
operator
give me the operator
speak to agent
agent agent agent
human
I just want to talk to someone
can I please just talk to somebody
I want to talk to customer service
take me to customer support
connect me to support
I wish to speak to an adviser
I can't deal with this machine give me someone
no machine please
no robots please
you're a robot I want a person
are you a robot because I need a human
I'm not going to tell that to a machine
I don't like talking to computers
this isn't working can I talk to someone
you don't understand me get me somebody who does
someone who understands English please
can I be put through to the branch staff
I want to speak to a woman not a machine
let me have a human
I'd feel better talking to a person
"""

NOT_EN = """
can an agent change my address for me
I spoke to someone yesterday
I talked to an agent last week and nothing happened
someone stole my card
somebody is using my card
is there anyone at the branch on Saturday
does a person have to sign for it
can someone else use my card
I need someone else to have access to my account
I want to add a person to my account
I don't want to talk to an agent
I don't need a person just tell me my balance
please don't transfer me
the agent told me to call this number
your representative said my card would arrive today
an operator cut me off
a man called me and said he was from the bank
someone called me from your bank
I want to transfer money to someone
transfer fifty dollars to a person
I'd like to send money to someone in Spain
can I transfer my account to another person
who can I add as a second card holder
what does an adviser cost
how many people work there
how many people live in the area
are you a real person
are you a robot
am I talking to a machine
is this a machine
the cash machine ate my card
the machine swallowed my card
I don't want a new card
I don't want to talk about it
I don't want to wait
where is the nearest machine
my manager needs the statement
I need a statement for my manager
can I talk about my mortgage
I want to talk about my account
I'd like to talk about a loan
speak up please
someone at the door
I lost my person organizer
I need a letter from customer service
what are the opening hours of customer service
when is customer service open
what is the phone number of customer support
can a human see my data
do people need an appointment
what does a live agent do
I was talking to my wife
I need to speak English
can you speak Spanish
is there a person limit
I have a personal loan
what about my personal details
the washing machine leaks
my machine does not work
I want to return the machine
the robot vacuum is broken
get me my balance
give me the address
put my card on hold
connect my phone to the account
I need help with my card
can you help me
I want to be called by my first name
how do I reach the branch on Main Street
who do I make the cheque out to
I gave my card to someone
"""

ASKS_ZH = """
我要找活人
别让我跟机器人说
我不想跟机器说话
给我找个真人
能不能找个人跟我说
有没有人可以跟我说话
有人工吗
有没有人工客服
请帮我转人工
麻烦转一下人工
转接人工客服谢谢
我想和客服通话
我要跟你们的客服说
叫你们经理来
让你们领导接电话
我要投诉找你们经理
能让人接电话吗
能不能让真人来接
我要真人服务
我要人工服务
人工服务
人工
快点转人工
赶紧给我转人工
别废话转人工
我不要机器人我要人工
你是机器人吧给我转人工
我讨厌跟机器人说话
不想跟机器人聊
机器人听不懂给我找个人
你听不懂我要找人
怎么转人工
怎样才能转到人工
人工客服怎么接通
按几转人工
我要怎么才能和真人说话
可以帮我接通一个客服吗
帮我接一下客服
接一下你们客服
换个人来跟我说
换人工
叫个人来听电话
找个会说话的人来
我想跟人聊
我宁愿跟真人说
我更想和人说
请帮我接坐席
转坐席
能给我接一下值班经理吗
有活人吗
那边有人吗我要找人
我要跟工作人员说
请工作人员接电话
我想找你们的工作人员咨询
麻烦叫一位客服
找一位同事帮我吧
不要机器
烦死了叫人来
"""

NOT_ZH = """
不要转人工
不用转人工
不用人工了
别给我转人工
我不需要人工
昨天客服跟我说今天能到
上次人工说可以退款
刚才那个客服挂了我电话
你们客服的电话是多少
客服几点上班
人工客服几点下班
人工费是多少
安装要人工费吗
你是机器人吗
你是真人吗
我在跟机器说话吗
机器坏了
洗衣机坏了
扫地机器人不工作了
我的机器人吸尘器坏了
取款机吞了我的卡
有人偷了我的卡
有人盗刷我的卡
有人给我打电话说是银行的
我要转账给别人
转五百块给一个人
我想给家里人转钱
别人能用我的卡吗
可以让家人代办吗
我要加一个人到账户
一个人可以开几张卡
需要本人去吗
几个人来安装
师傅几点来
我找不到我的卡
找一下附近的网点
我要换卡
我要换个地址
帮我接着说余额
我要跟你说我的卡丢了
我不想等了
不要新卡
人民币汇率多少
个人贷款怎么办
我找到卡了
我要叫车
经理签字的文件要吗
客服中心的地址在哪
给我人民币余额
接下来怎么办
"""

HELD_OUT_ASKS = {
    "en": """
I'd rather deal with a person if that's okay
can someone real take my call
I want to hear a human voice
please let a human handle this
could I have somebody from your team
is there a person available
anyone there who can help me
I demand to speak to a manager
you keep misunderstanding can I get a human
how do I get out of this menu and talk to somebody
do I have to talk to a robot
would you mind connecting me to someone
I've had enough of this machine
can we skip this and go to an agent
talk to representative
someone please
let me through to an agent
I need to discuss this with a person
get me out of this and give me customer service
might I speak with an advisor please
I want to complain to a real person
I'm done talking to a bot
real person please now
can't I just talk to a human
""",
    "zh": """
我就想找个人问问
让人来跟我讲
能转接到客服那边吗
机器听不懂我说话换个人
我要和你们主管谈
麻烦找位客服人员
可以人工吗
直接给我人工
我懒得跟机器人说
我需要人工帮助
有客服在吗
让真人跟我说
能不能不跟机器说
请给我接人工座席
""",
}

HELD_OUT_NOT = {
    "en": """
can the agent see my balance
the person before me used my card
I already talked to a human about this
someone from customer service promised me a refund
do I need to talk to the branch to open an account
my sister wants to talk to me about money
I don't want to be transferred
is a representative allowed to change my pin
a machine charged me twice
what happens when I speak to an agent
I want someone removed from my account
please send someone to fix it
my daughter is a real estate agent
I want to pay somebody abroad
the operator of the cash machine charged me
is anyone allowed to cash my cheque
I'm a new customer
the manager of the branch knows me
can I give somebody my pin
I need a human readable statement
""",
    "zh": """
客服让我打这个电话
人工智能是什么
机器显示故障
派个人来修
能派人来安装吗
不要给我打电话
别人捡到我的卡怎么办
那个人不是我
我要给客户转账
跟上次一样
有人在家的时候再来
人工安装多少钱
""",
}


def lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
