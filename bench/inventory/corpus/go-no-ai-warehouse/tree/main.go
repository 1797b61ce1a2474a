package main

import (
	"fmt"

	"github.com/gin-gonic/gin"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// Device on a shelf.
type Device struct {
	gorm.Model
	ModelName string `gorm:"default:grok-2"`
	Stage     string
}

const firstStage = "step-1"

func main() {
	db, err := gorm.Open(sqlite.Open("stock.db"), &gorm.Config{})
	if err != nil {
		panic(err)
	}
	server := gin.Default()
	server.GET("/devices", func(c *gin.Context) {
		var devices []Device
		db.Model(&Device{}).Where("model_name = ?", c.Query("model")).Find(&devices)
		c.JSON(200, devices)
	})
	server.POST("/devices", func(c *gin.Context) {
		db.Create(&Device{ModelName: c.PostForm("model"), Stage: firstStage})
	})
	fmt.Println(server.Run())
}
