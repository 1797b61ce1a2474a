from django.db import models


class Car(models.Model):
    maker = models.CharField(max_length=40)
    model = models.CharField(max_length=40, default="o1")
    year = models.IntegerField()


class Engine(models.Model):
    car = models.ForeignKey("garage.Car", on_delete=models.CASCADE)
    model_name = models.CharField(max_length=20, choices=[("m4-turbo", "M4 Turbo"), ("r5", "R5")])
