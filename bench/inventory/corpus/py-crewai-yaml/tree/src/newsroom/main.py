from newsroom.crew import Newsroom


def run():
    print(Newsroom().crew().kickoff(inputs={"topic": "tea"}))
